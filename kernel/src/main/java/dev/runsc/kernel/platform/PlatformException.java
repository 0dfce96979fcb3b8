package dev.runsc.kernel.platform;

/** The host could not do what the platform needed. The message says what, in one line. */
public final class PlatformException extends Exception {
    private static final long serialVersionUID = 1;

    public PlatformException(String message) {
        super(message);
    }

    public PlatformException(String message, Throwable cause) {
        super(message, cause);
    }
}
