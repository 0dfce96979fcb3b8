package dev.runsc.kernel.fs.erofs;

/** Why a file cannot be mounted. */
public final class ErofsFault extends Exception {
    private static final long serialVersionUID = 1;

    ErofsFault(String message) {
        super(message);
    }

    ErofsFault(String message, Throwable cause) {
        super(message, cause);
    }
}
