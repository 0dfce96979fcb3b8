/**
 * Signals as data: sets, pending queues, actions, and the frame a handler starts on. Sending and
 * delivering are the task package's.
 *
 * <p>Saved: pending queues with their siginfo, and actions. Everything is guarded by the {@link
 * dev.runsc.kernel.task.signal.SignalHandlers} lock.
 */
package dev.runsc.kernel.task.signal;
