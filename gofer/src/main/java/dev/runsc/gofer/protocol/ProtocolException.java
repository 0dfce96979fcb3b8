package dev.runsc.gofer.protocol;

/** A packet that the protocol does not allow. */
public final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1L;

    public ProtocolException(String message) {
        super(message);
    }
}
