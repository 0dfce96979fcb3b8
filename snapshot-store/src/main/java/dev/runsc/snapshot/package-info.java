/**
 * Snapshots in a directory: any number of them, content shared, published atomically and durably.
 *
 * <p>{@link dev.runsc.snapshot.SnapshotStore} opens a directory, finds, names, deletes, verifies
 * and collects. {@link dev.runsc.snapshot.SnapshotWriter} takes an encoded object graph and the
 * pages of memory files and publishes them as one snapshot. {@link
 * dev.runsc.snapshot.SnapshotReader} gives them back, whole and in parallel or chunk by chunk. What
 * is in the streams is the caller's affair.
 *
 * <p>Used by commands, never by the kernel. Any number of processes may save into and restore from
 * one directory at once; a process that is killed leaves no lock and no snapshot that is not whole.
 * Failures are {@link dev.runsc.snapshot.model.SnapshotException}, one line each. A store may be
 * used by several threads; a writer and a reader belong to one at a time, and use threads of their
 * own.
 *
 * <p>Nothing here belongs to a saved sandbox.
 */
@NullMarked
package dev.runsc.snapshot;

import org.jspecify.annotations.NullMarked;
