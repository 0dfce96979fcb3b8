package dev.runsc.state.internal;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import org.jspecify.annotations.Nullable;

/**
 * Access to one instance field, private and final ones included. A VarHandle costs little to make
 * and is fast even though it is no constant, as long as the types at the call are erased ones; but
 * it does not write final fields. For those of classes (not of records) a setter that was obtained
 * after {@code setAccessible} does, at many times the price. Both are made when first needed: a
 * restore waits for them.
 */
public final class FieldSlot {
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    private final String name;
    private final FieldKind kind;
    private final Field field;
    private final MethodHandles.Lookup inside;
    private final boolean isFinal;
    private @Nullable VarHandle handle;
    private @Nullable MethodHandle setter;

    private FieldSlot(String name, Field field, MethodHandles.Lookup inside) {
        this.name = name;
        this.kind = FieldKind.of(field.getType());
        this.field = field;
        this.inside = inside;
        this.isFinal = Modifier.isFinal(field.getModifiers());
    }

    /**
     * Opens a field.
     *
     * @param name the name in images, which differs from the field's own when a subclass has a
     *     field of that name too
     * @param inside what {@link #inside} gives for the class that declares the field
     */
    public static FieldSlot of(String name, Field field, MethodHandles.Lookup inside) {
        return new FieldSlot(name, field, inside);
    }

    /** Access to the private fields that a class declares. */
    public static MethodHandles.Lookup inside(Class<?> type) {
        try {
            return MethodHandles.privateLookupIn(type, LOOKUP);
        } catch (IllegalAccessException closed) {
            throw new IllegalStateException(type.getName() + " is not open to us", closed);
        }
    }

    public String name() {
        return name;
    }

    public FieldKind kind() {
        return kind;
    }

    public Field field() {
        return field;
    }

    /** Does now what the first write would do. */
    public void prepareToSet() {
        if (isFinal) {
            setter();
        } else {
            handle();
        }
    }

    private VarHandle handle() {
        VarHandle known = handle;
        if (known == null) {
            try {
                known = inside.unreflectVarHandle(field);
            } catch (IllegalAccessException closed) {
                throw new IllegalStateException(field + " cannot be read", closed);
            }
            // two threads may both get here; either handle serves
            handle = known;
        }
        return known;
    }

    private MethodHandle setter() {
        MethodHandle known = setter;
        if (known == null) {
            try {
                field.setAccessible(true);
                known =
                        LOOKUP.unreflectSetter(field)
                                .asType(
                                        MethodType.methodType(
                                                void.class, Object.class, kind.carrier()));
            } catch (IllegalAccessException closed) {
                throw new IllegalStateException(field + " cannot be set", closed);
            }
            setter = known;
        }
        return known;
    }

    /** The value of a field that is a reference. */
    public @Nullable Object get(Object owner) {
        return (Object) handle().get(owner);
    }

    /** Writes the value of a field that is not a reference. */
    public void writePrimitive(Object owner, Output out) {
        VarHandle reader = handle();
        switch (kind) {
            case BOOLEAN -> out.writeByte((boolean) reader.get(owner) ? 1 : 0);
            case BYTE -> out.writeByte((byte) reader.get(owner));
            case SHORT -> out.writeVarInt((short) reader.get(owner), false);
            case CHAR -> out.writeVarInt((char) reader.get(owner), true);
            case INT -> out.writeVarInt((int) reader.get(owner), false);
            case LONG -> out.writeVarLong((long) reader.get(owner), false);
            case FLOAT -> out.writeFloat((float) reader.get(owner));
            case DOUBLE -> out.writeDouble((double) reader.get(owner));
            case REFERENCE -> throw new IllegalStateException(name);
        }
    }

    /**
     * Sets a field that is a reference.
     *
     * @throws ClassCastException when the field's type does not take the value
     */
    public void set(Object owner, @Nullable Object value) {
        if (isFinal) {
            try {
                setter().invokeExact(owner, value);
            } catch (Throwable thrown) {
                throw unchecked(thrown);
            }
        } else {
            handle().set(owner, value);
        }
    }

    /** Reads and sets a field that is not a reference. */
    public void readPrimitive(Object owner, Input in) throws FormatException {
        if (isFinal) {
            readFinalPrimitive(owner, in);
            return;
        }
        VarHandle writer = handle();
        switch (kind) {
            case BOOLEAN -> writer.set(owner, Wire.readBoolean(in));
            case BYTE -> writer.set(owner, in.readByte());
            case SHORT -> writer.set(owner, Wire.readShort(in));
            case CHAR -> writer.set(owner, Wire.readChar(in));
            case INT -> writer.set(owner, in.readVarInt(false));
            case LONG -> writer.set(owner, in.readVarLong(false));
            case FLOAT -> writer.set(owner, in.readFloat());
            case DOUBLE -> writer.set(owner, in.readDouble());
            case REFERENCE -> throw new IllegalStateException(name);
        }
    }

    private void readFinalPrimitive(Object owner, Input in) throws FormatException {
        MethodHandle writer = setter();
        try {
            switch (kind) {
                case BOOLEAN -> writer.invokeExact(owner, Wire.readBoolean(in));
                case BYTE -> writer.invokeExact(owner, in.readByte());
                case SHORT -> writer.invokeExact(owner, Wire.readShort(in));
                case CHAR -> writer.invokeExact(owner, Wire.readChar(in));
                case INT -> writer.invokeExact(owner, in.readVarInt(false));
                case LONG -> writer.invokeExact(owner, in.readVarLong(false));
                case FLOAT -> writer.invokeExact(owner, in.readFloat());
                case DOUBLE -> writer.invokeExact(owner, in.readDouble());
                case REFERENCE -> throw new IllegalStateException(name);
            }
        } catch (FormatException malformed) {
            throw malformed;
        } catch (Throwable thrown) {
            throw unchecked(thrown);
        }
    }

    /**
     * Sets a field of any kind from a boxed value.
     *
     * @throws ClassCastException when the field's type does not take the value
     * @throws NullPointerException for null in a primitive field
     */
    public void setBoxed(Object owner, @Nullable Object value) {
        try {
            setter().asType(MethodType.methodType(void.class, Object.class, Object.class))
                    .invokeExact(owner, value);
        } catch (Throwable thrown) {
            throw unchecked(thrown);
        }
    }

    private static RuntimeException unchecked(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            return exception;
        }
        return new IllegalStateException("access to a field failed", thrown);
    }
}
