/**
 * Trace sessions: what happens in a sandbox as a stream of JSON lines, for those who watch over it.
 *
 * <p>{@link dev.runsc.cli.trace.TracePoints} names the points there are, {@link
 * dev.runsc.cli.trace.TraceConfig} is a session's file as the user writes it, {@link
 * dev.runsc.cli.trace.TraceSessions} hears of the points from the kernel, and {@link
 * dev.runsc.cli.trace.TraceSink} writes without ever holding a guest up: what does not fit its
 * queue is dropped and counted.
 *
 * <p>Sessions are things of the host: no image has them, and a restored sandbox begins without any.
 */
@NullMarked
package dev.runsc.cli.trace;

import org.jspecify.annotations.NullMarked;
