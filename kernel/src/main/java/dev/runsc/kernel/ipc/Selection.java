package dev.runsc.kernel.ipc;

import dev.runsc.gofer.abi.SystemVIpc;

/**
 * Which message msgrcv(2) wants, and what it does with a long one.
 *
 * @param type 0 for the first; for all but COPY, whose number it is
 */
public record Selection(Kind kind, long type, long maxBytes, boolean truncates) {
    /** How {@code msgtyp} is read. */
    enum Kind {
        ANY,
        EQUAL,
        NOT_EQUAL,
        /** The lowest type that is not above. */
        LOWEST,
        /** The n-th message, which stays. */
        COPY
    }

    /** Linux {@code convert_mode}. */
    public static Selection of(long type, long maxBytes, int flags) {
        boolean truncates = (flags & SystemVIpc.MSG_NOERROR) != 0;
        if ((flags & SystemVIpc.MSG_COPY) != 0) {
            return new Selection(Kind.COPY, type, maxBytes, truncates);
        }
        if (type == 0) {
            return new Selection(Kind.ANY, 0, maxBytes, truncates);
        }
        if (type < 0) {
            long most = type == Long.MIN_VALUE ? Long.MAX_VALUE : -type;
            return new Selection(Kind.LOWEST, most, maxBytes, truncates);
        }
        boolean except = (flags & SystemVIpc.MSG_EXCEPT) != 0;
        return new Selection(except ? Kind.NOT_EQUAL : Kind.EQUAL, type, maxBytes, truncates);
    }

    boolean matches(Message message) {
        return switch (kind) {
            case ANY -> true;
            case EQUAL -> message.type() == type;
            case NOT_EQUAL -> message.type() != type;
            case LOWEST -> message.type() <= type;
            case COPY -> false;
        };
    }

    /** Whether all of a message fits, or what does not may go. */
    boolean takes(Message message) {
        return truncates || message.length() <= maxBytes;
    }
}
