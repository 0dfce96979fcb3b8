/**
 * How commands talk to a running sandbox: requests and answers as JSON over a unix socket, each
 * with its length before it, descriptors beside the first byte.
 *
 * <p>{@link dev.runsc.cli.control.ControlClient} asks, {@link dev.runsc.cli.control.ControlServer}
 * answers with one daemon thread per connection, {@link dev.runsc.cli.control.Frame} bounds what
 * either takes. A request is {@code {"method": "...", "args": {...}}}; an answer {@code {"ok":
 * true, "result": {...}}} or {@code {"ok": false, "code": "...", "error": "..."}} with a code of
 * {@link dev.runsc.cli.control.ControlFault.Code}. Method names stand in {@link
 * dev.runsc.cli.control.Methods}.
 *
 * <p>The server trusts nobody: it asks the kernel who connects, bounds every length before it
 * allocates, and drops a client that breaks the rules without a trace in the sandbox. Nothing here
 * is saved.
 */
@NullMarked
package dev.runsc.cli.control;

import org.jspecify.annotations.NullMarked;
