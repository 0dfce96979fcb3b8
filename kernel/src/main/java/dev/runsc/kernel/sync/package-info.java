/**
 * The bottom of the kernel: locks with one order, wait queues, and sleeping that signals and stops
 * can end.
 *
 * <p>{@link dev.runsc.kernel.sync.KernelLock} has a place in {@link
 * dev.runsc.kernel.sync.LockClass}, the one lock order. {@link dev.runsc.kernel.sync.WaitQueue} is
 * where threads and epoll items wait for an object; {@link dev.runsc.kernel.sync.Interruptible} is
 * a task seen from below.
 *
 * <p>Anything that sleeps registers a {@link dev.runsc.kernel.sync.ThreadWaiter}, tries, sleeps,
 * and leaves the queue again before it returns: at a freeze no queue holds a thread. Neither locks
 * nor queues have state in an image.
 */
package dev.runsc.kernel.sync;
