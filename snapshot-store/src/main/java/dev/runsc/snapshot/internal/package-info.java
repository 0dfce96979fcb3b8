/**
 * How the snapshot store is made; use it through {@link dev.runsc.snapshot.SnapshotStore} only.
 *
 * <p>From the bottom: {@link dev.runsc.snapshot.internal.StoreFiles} (where things lie), {@link
 * dev.runsc.snapshot.internal.StoreHead} (the file that makes a directory a store), {@link
 * dev.runsc.snapshot.internal.StoreLock} (locks between processes), {@link
 * dev.runsc.snapshot.internal.Database} (RocksDB). Saving goes through {@link
 * dev.runsc.snapshot.internal.ChunkSaver} into a {@link dev.runsc.snapshot.internal.PackWriter},
 * which {@link dev.runsc.snapshot.internal.Publisher} takes in; reading goes through {@link
 * dev.runsc.snapshot.internal.PageMap} and {@link dev.runsc.snapshot.internal.ChunkLoader}. {@link
 * dev.runsc.snapshot.internal.Collector} and {@link dev.runsc.snapshot.internal.Verifier} look
 * after the whole. No type of RocksDB, LZ4 or Jackson leaves this package.
 *
 * <p>Locks between processes, outermost first: {@code lease} (shared by saves, exclusive for a
 * collection), {@code write} (one change at a time), {@code readers} (shared by who reads tables,
 * exclusive while tables are removed), {@code gate} (shared by who opens the database, exclusive
 * for a change). Within the process: the monitors of {@code PackWriter}, {@code ChunkSaver} and
 * {@code Database}, of which one is held at a time.
 *
 * <p>docs/snapshot-format.md describes every record. Nothing here belongs to a saved sandbox.
 */
@NullMarked
package dev.runsc.snapshot.internal;

import org.jspecify.annotations.NullMarked;
