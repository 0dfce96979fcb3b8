package dev.runsc.state.internal;

import org.jspecify.annotations.Nullable;

/** How the value of a field is written. The codes are part of the image format. */
public enum FieldKind {
    BOOLEAN(1, 1, boolean.class),
    BYTE(2, 1, byte.class),
    SHORT(3, 1, short.class),
    CHAR(4, 1, char.class),
    INT(5, 1, int.class),
    LONG(6, 1, long.class),
    FLOAT(7, Float.BYTES, float.class),
    DOUBLE(8, Double.BYTES, double.class),
    REFERENCE(9, 1, Object.class);

    private static final @Nullable FieldKind[] BY_CODE = new @Nullable FieldKind[10];

    static {
        for (FieldKind kind : values()) {
            BY_CODE[kind.code] = kind;
        }
    }

    private final int code;
    private final int minimumBytes;
    private final Class<?> carrier;

    FieldKind(int code, int minimumBytes, Class<?> carrier) {
        this.code = code;
        this.minimumBytes = minimumBytes;
        this.carrier = carrier;
    }

    public int code() {
        return code;
    }

    /** The fewest bytes that a value of this kind takes in an image. */
    public int minimumBytes() {
        return minimumBytes;
    }

    /** The primitive type, or Object for references. */
    Class<?> carrier() {
        return carrier;
    }

    public static FieldKind of(Class<?> declaredType) {
        if (declaredType.isPrimitive()) {
            for (FieldKind kind : values()) {
                if (kind.carrier == declaredType) {
                    return kind;
                }
            }
        }
        return REFERENCE;
    }

    /** The kind with this code, or null. */
    public static @Nullable FieldKind findByCode(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }
}
