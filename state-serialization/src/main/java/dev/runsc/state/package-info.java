/**
 * A running system as an object graph that can be written, read back, copied and inspected.
 *
 * <p>{@link dev.runsc.state.ObjectGraph} writes everything reachable from one root as a flat table
 * of objects with ids and brings it back in two passes: every object is made first, then all are
 * filled. Depth never meets the Java stack; identity, cycles and shared references survive. {@link
 * dev.runsc.state.StateSchema} is the closed list of types that may occur, each with a stable name
 * and a version. {@link dev.runsc.state.ObjectGraphReader} shows an image without the classes that
 * wrote it, and can read one object without the rest.
 *
 * <p>A class takes part by implementing {@link dev.runsc.state.Savable} and by being registered.
 * Fields that are facts are ordinary fields; what is derived, or belongs to the host, is {@code
 * transient} and comes back in {@link dev.runsc.state.AfterRestore}, which runs when all fields of
 * all objects are loaded. Types that are better rebuilt than written (locks, wait queues) have a
 * {@link dev.runsc.state.ValueAdapter}.
 *
 * <p>Callers: whoever owns a graph; nothing here knows what it describes. The caller must keep the
 * graph still while it is saved; no lock is taken here. A {@link dev.runsc.state.StateSchema} may
 * be shared between threads, every save and every load works on state of its own.
 *
 * <p>The image format, which outlives the classes, is described in {@code
 * dev.runsc.state.internal}.
 */
@NullMarked
package dev.runsc.state;

import org.jspecify.annotations.NullMarked;
