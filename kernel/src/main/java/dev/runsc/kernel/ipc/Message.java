package dev.runsc.kernel.ipc;

import dev.runsc.state.Savable;

/** A message of a queue. */
public final class Message implements Savable {
    private static final int OWN_BYTES = 64;

    private final long type;
    private final byte[] text;

    /** Takes the array over. */
    public Message(long type, byte[] text) {
        this.type = type;
        this.text = text;
    }

    /** Positive. */
    public long type() {
        return type;
    }

    public int length() {
        return text.length;
    }

    /** Not to be changed. */
    public byte[] text() {
        return text;
    }

    /** What it takes of the budget. */
    long bytes() {
        return (long) OWN_BYTES + text.length;
    }
}
