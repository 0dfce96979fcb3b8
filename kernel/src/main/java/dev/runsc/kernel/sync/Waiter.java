package dev.runsc.kernel.sync;

/**
 * Something that wants to hear when an object may have become ready: a sleeping thread or an epoll
 * item.
 */
public interface Waiter {
    /**
     * Called with the wait queue's lock held; must neither block nor take any lock but a later wait
     * queue's.
     *
     * @param events the {@code POLL*} bits that may now hold
     */
    void notified(int events);
}
