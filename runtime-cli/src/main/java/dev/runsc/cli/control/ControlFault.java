package dev.runsc.cli.control;

import org.jspecify.annotations.Nullable;

/** A request that failed: a code that programs can rely on, and a message for people. */
public final class ControlFault extends Exception {
    private static final long serialVersionUID = 1L;

    /** Stable: clients compare these, never the text. */
    public enum Code {
        BAD_REQUEST,
        UNKNOWN_METHOD,
        NO_CONTAINER,
        WRONG_STATE,
        NO_PROCESS,
        BUSY,
        KERNEL,
        INTERNAL,
        /** The sandbox went away before it answered. Made by the client, never sent. */
        DISCONNECTED;

        static Code of(@Nullable String name) {
            for (Code code : values()) {
                if (code.name().equals(name)) {
                    return code;
                }
            }
            return INTERNAL;
        }
    }

    private final Code code;

    public ControlFault(Code code, String message) {
        super(message);
        this.code = code;
    }

    public ControlFault(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** Always there. */
    @Override
    public String getMessage() {
        String message = super.getMessage();
        return message == null ? code.name() : message;
    }
}
