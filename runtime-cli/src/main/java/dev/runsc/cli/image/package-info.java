/**
 * Where graph and store meet: a running sandbox becomes a snapshot, a snapshot becomes a sandbox.
 *
 * <p>{@link dev.runsc.cli.image.Checkpointer} asks the sandbox for its graph and memory and writes
 * both into a store; {@link dev.runsc.cli.image.Restorer} reads them back, checks that they fit the
 * host and the spec, and hands them to a waiting sandbox. Both do the same for snapshots of file
 * systems alone, which go into containers that are being made; {@link
 * dev.runsc.cli.image.CpuFeatures} is what the saved programs may have found in the processor. An
 * image need not lie in a store: {@link dev.runsc.cli.image.PlainImageWriter} runs in sandboxes,
 * for clients that have none.
 *
 * <p>Both split their time into stages that add up. A checkpoint ends the container only once its
 * snapshot is durable; a failure before that leaves no trace in the store and the container as it
 * was.
 */
@NullMarked
package dev.runsc.cli.image;

import org.jspecify.annotations.NullMarked;
