/**
 * The words in which the snapshot store speaks: plain values without behaviour.
 *
 * <p>{@link dev.runsc.snapshot.model.SnapshotDescription} is what a saver says about a snapshot,
 * {@link dev.runsc.snapshot.model.SnapshotManifest} is the same once published, with its streams
 * ({@link dev.runsc.snapshot.model.StreamInfo}). Every failure is a {@link
 * dev.runsc.snapshot.model.SnapshotException} with a one-line message.
 *
 * <p>Anybody may use these types; the package depends on nothing. All of them are immutable; there
 * are no locks, and nothing here belongs to a saved sandbox.
 */
@NullMarked
package dev.runsc.snapshot.model;

import org.jspecify.annotations.NullMarked;
