/**
 * Where guest code runs, seen from the kernel: {@link dev.runsc.kernel.platform.Platform} makes
 * {@link dev.runsc.kernel.platform.AddressSpace}s, each runs threads as {@link
 * dev.runsc.kernel.platform.GuestContext}s. No Linux policy here: no areas, no signals' meaning, no
 * tasks.
 *
 * <p>A task thread calls {@link dev.runsc.kernel.platform.GuestContext#run} and gets back why the
 * guest stopped; registers are read and written in place. Only {@link
 * dev.runsc.kernel.platform.CpuState} is saved; address spaces and contexts are made anew after a
 * restore.
 */
package dev.runsc.kernel.platform;
