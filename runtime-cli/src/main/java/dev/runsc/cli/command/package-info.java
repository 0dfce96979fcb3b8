/**
 * The commands, one class each.
 *
 * <p>{@link dev.runsc.cli.command.Command} is what they have in common, {@link
 * dev.runsc.cli.command.CommandTable} finds one by name and loads no other, {@link
 * dev.runsc.cli.command.Options} declares and {@link dev.runsc.cli.command.Arguments} reads a
 * command's words.
 *
 * <p>Options are declared with picocli's programmatic interface: its annotations cost 34 ms of each
 * start (docs/decisions), which is as long as a bare JVM takes. Only {@code dev.runsc.cli.Main}
 * calls this package. A command runs once, in one thread, and keeps nothing.
 */
@NullMarked
package dev.runsc.cli.command;

import org.jspecify.annotations.NullMarked;
