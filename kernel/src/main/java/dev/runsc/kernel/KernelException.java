package dev.runsc.kernel;

/**
 * A request to the kernel from outside failed; the message says why, in one line fit for a user.
 */
public final class KernelException extends Exception {
    private static final long serialVersionUID = 1;

    public KernelException(String message) {
        super(message);
    }

    public KernelException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Always there. */
    @Override
    public String getMessage() {
        String message = super.getMessage();
        return message == null ? "kernel failure" : message;
    }
}
