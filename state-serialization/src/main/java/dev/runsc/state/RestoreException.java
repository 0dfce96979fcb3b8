package dev.runsc.state;

import org.jspecify.annotations.Nullable;

/** The image was read, but an object could not be brought back to life in these surroundings. */
public class RestoreException extends StateException {
    private static final long serialVersionUID = 1L;

    public RestoreException(String message) {
        super(message);
    }

    public RestoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
