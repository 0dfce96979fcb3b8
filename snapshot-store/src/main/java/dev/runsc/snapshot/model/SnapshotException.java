package dev.runsc.snapshot.model;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Why a store or snapshot could not be used. The message is one line, meant for the user, and names
 * the store; {@link #kind()} tells callers apart what may be answered differently.
 */
public final class SnapshotException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The distinct failures of a store. */
    public enum Kind {
        /** The directory does not exist. */
        MISSING,
        /** The directory holds no snapshot. */
        EMPTY,
        /** The directory holds something else than a snapshot store. */
        NOT_A_STORE,
        /** No snapshot has the id or name asked for. */
        NOT_FOUND,
        /** Several snapshots start with the id asked for. */
        AMBIGUOUS,
        /** Truncated, bit-flipped or otherwise inconsistent bytes. */
        DAMAGED,
        /** Written in a format this version does not read. */
        FORMAT,
        /** Other commands held a lock of the store for too long. */
        BUSY,
        /** No space is left where the store lies. */
        FULL,
        /** The caller asked for something that cannot be: bad name, range out of bounds. */
        INVALID,
        /** Any other failure of the host. */
        IO
    }

    private final Kind kind;

    public SnapshotException(Kind kind, String message) {
        this(kind, message, null);
    }

    public SnapshotException(Kind kind, String message, @Nullable Throwable cause) {
        super(oneLine(message), cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** Text from disk or from a library may hold line breaks; the promise is one line. */
    private static String oneLine(String message) {
        return message.replaceAll("\\p{Cntrl}+", " ").strip();
    }
}
