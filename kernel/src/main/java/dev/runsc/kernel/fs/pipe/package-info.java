/**
 * Pipes and FIFOs. {@link dev.runsc.kernel.fs.pipe.PipeFiles} makes them, {@link
 * dev.runsc.kernel.fs.pipe.PipeEnd} is an open end. The bytes in between, the number of ends and
 * the capacity are saved; who waits is not.
 */
package dev.runsc.kernel.fs.pipe;
