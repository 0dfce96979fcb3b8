/**
 * What every other package of the CLI may use: the one-line failure, the logs, and the stage clock.
 *
 * <p>{@link dev.runsc.cli.base.Failure} is the only way a command ends in error; {@link
 * dev.runsc.cli.base.ErrorLog} tells it to the user and to {@code --log}; {@link
 * dev.runsc.cli.base.DebugLog} is the stream of {@code --debug}; {@link dev.runsc.cli.base.Stages}
 * splits the time a user waits into named stages that add up to it, and {@link
 * dev.runsc.cli.base.ProgressLine} tells on a terminal how far a long one is. {@link
 * dev.runsc.cli.base.CallerDescriptors} are those that flags may name.
 *
 * <p>Nothing here is saved. The debug log is the only shared object; it locks itself.
 */
@NullMarked
package dev.runsc.cli.base;

import org.jspecify.annotations.NullMarked;
