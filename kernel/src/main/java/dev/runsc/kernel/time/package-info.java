/**
 * Clocks and timers: {@link dev.runsc.kernel.time.Timekeeper} tells the time, {@link
 * dev.runsc.kernel.time.TimerQueue} fires {@link dev.runsc.kernel.time.KernelTimer}s to {@link
 * dev.runsc.kernel.time.TimerListener}s from one thread.
 *
 * <p>Saved: the clocks' readings and each timer's absolute expiry and period. The queue is rebuilt.
 */
package dev.runsc.kernel.time;
