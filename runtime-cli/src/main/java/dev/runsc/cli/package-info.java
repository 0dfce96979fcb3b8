/**
 * The entry of the command line: flags, then a command, then an exit code.
 *
 * <p>{@link dev.runsc.cli.Main} is the main class of the {@code runsc} program. It reads the global
 * flags, starts the debug log, and hands over to one command of {@code dev.runsc.cli.command}. A
 * failure is told in one line on standard error and as a JSON object in the file of {@code --log};
 * the exit code is 128 then, and the guest's own otherwise.
 *
 * <p>Layers, upper may use lower: cli, command, image, lifecycle, boot and launch, container and
 * control, wire, config and oci, base, json.
 */
@NullMarked
package dev.runsc.cli;

import org.jspecify.annotations.NullMarked;
