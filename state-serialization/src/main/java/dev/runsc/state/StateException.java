package dev.runsc.state;

import org.jspecify.annotations.Nullable;

/** A graph cannot be saved, or an image cannot be read. The message is one line that says why. */
public class StateException extends Exception {
    private static final long serialVersionUID = 1L;

    public StateException(String message) {
        super(message);
    }

    public StateException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
