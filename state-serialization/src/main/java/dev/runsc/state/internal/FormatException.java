package dev.runsc.state.internal;

/** Bytes that are not a well-formed image. The message is one line. */
public final class FormatException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    public FormatException(String reason) {
        super(reason);
        this.reason = reason;
    }

    /** The message, which is always there. */
    public String reason() {
        return reason;
    }
}
