package dev.runsc.gofer.client;

/** Hears once, on a thread of its own, that the gofer is gone; not when the client was closed. */
public interface GoferDeathListener {
    /** {@code reason} is for the log. */
    void goferDied(String reason);
}
