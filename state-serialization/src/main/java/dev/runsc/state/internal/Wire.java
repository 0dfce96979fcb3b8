package dev.runsc.state.internal;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** How single values are written. Readers check every length against the bytes at hand. */
public final class Wire {
    /** Written for null. */
    public static final int NULL = 0;

    /** Announces a boxed primitive in place. */
    public static final int BOX = 1;

    /** Added to an id, so that ids do not meet the two marks above. */
    public static final int FIRST_ID = 2;

    /** Largest id that the encoding of references holds. */
    public static final int MAX_ID = Integer.MAX_VALUE - FIRST_ID;

    private static final VarHandle CHARS =
            MethodHandles.byteArrayViewVarHandle(char[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Wire() {}

    /** A number that is never negative. */
    public static int readCount(Input in, int limit) throws FormatException {
        int count = in.readVarInt(true);
        if (count < 0 || count > limit) {
            throw new FormatException(
                    "a count of "
                            + Integer.toUnsignedString(count)
                            + " where at most "
                            + limit
                            + " is possible");
        }
        return count;
    }

    /** The count of elements that take at least {@code elementBytes} bytes each. */
    public static int readCountOf(Input in, int elementBytes) throws FormatException {
        return readCount(in, Integer.MAX_VALUE - 8, elementBytes);
    }

    private static int readCount(Input in, int limit, int elementBytes) throws FormatException {
        int count = readCount(in, limit);
        if ((long) count * elementBytes > remaining(in)) {
            throw new FormatException(
                    count + " elements do not fit in " + remaining(in) + " bytes");
        }
        return count;
    }

    /** Bytes left in a buffer that holds all of its input. */
    public static int remaining(Input in) {
        return in.limit() - in.position();
    }

    /** Reserves room for {@code length} bytes and returns where they start. */
    private static int reserve(Output out, int length) {
        int start = out.position();
        if (out.getBuffer().length - start < length) {
            // grows the buffer as a write of that size would
            out.writeBytes(new byte[length]);
        } else {
            out.setPosition(start + length);
        }
        return start;
    }

    /** Skips {@code length} bytes that are known to be there and returns where they start. */
    private static int skip(Input in, int length) {
        int start = in.position();
        in.setPosition(start + length);
        return start;
    }

    /**
     * Text as length and one byte per character (Latin-1) or two. Not UTF-8: strings here may hold
     * lone surrogates, and both forms are plain copies.
     */
    public static void writeText(Output out, String text) {
        int length = text.length();
        boolean wide = false;
        for (int i = 0; i < length && !wide; i++) {
            wide = text.charAt(i) > 0xFF;
        }
        out.writeVarLong((long) length << 1 | (wide ? 1 : 0), true);
        if (wide) {
            int at = reserve(out, Math.multiplyExact(length, Character.BYTES));
            byte[] buffer = out.getBuffer();
            for (int i = 0; i < length; i++) {
                CHARS.set(buffer, at + i * Character.BYTES, text.charAt(i));
            }
        } else {
            byte[] latin = text.getBytes(StandardCharsets.ISO_8859_1);
            out.writeBytes(latin, 0, length);
        }
    }

    public static String readText(Input in) throws FormatException {
        long head = in.readVarLong(true);
        long length = head >>> 1;
        boolean wide = (head & 1) != 0;
        if (length > remaining(in) / (wide ? Character.BYTES : 1)) {
            throw new FormatException("text of " + length + " characters does not fit");
        }
        int count = (int) length;
        if (!wide) {
            int at = skip(in, count);
            return new String(in.getBuffer(), at, count, StandardCharsets.ISO_8859_1);
        }
        int at = skip(in, count * Character.BYTES);
        byte[] buffer = in.getBuffer();
        char[] chars = new char[count];
        for (int i = 0; i < count; i++) {
            chars[i] = (char) CHARS.get(buffer, at + i * Character.BYTES);
        }
        return new String(chars);
    }

    /** True when {@code value} is a boxed primitive, which is written in place. */
    public static boolean isBox(Object value) {
        return value instanceof Number
                ? boxKind(value) != FieldKind.REFERENCE
                : value instanceof Boolean || value instanceof Character;
    }

    private static FieldKind boxKind(Object value) {
        return switch (value) {
            case Integer _ -> FieldKind.INT;
            case Long _ -> FieldKind.LONG;
            case Boolean _ -> FieldKind.BOOLEAN;
            case Byte _ -> FieldKind.BYTE;
            case Short _ -> FieldKind.SHORT;
            case Character _ -> FieldKind.CHAR;
            case Float _ -> FieldKind.FLOAT;
            case Double _ -> FieldKind.DOUBLE;
            default -> FieldKind.REFERENCE;
        };
    }

    /** Writes a boxed primitive with its kind. */
    public static void writeBox(Output out, Object value) {
        out.writeByte(boxKind(value).code());
        switch (value) {
            case Integer number -> out.writeVarInt(number, false);
            case Long number -> out.writeVarLong(number, false);
            case Boolean flag -> out.writeByte(flag ? 1 : 0);
            case Byte number -> out.writeByte(number);
            case Short number -> out.writeVarInt(number, false);
            case Character character -> out.writeVarInt(character, true);
            case Float number -> out.writeFloat(number);
            case Double number -> out.writeDouble(number);
            default -> throw new IllegalArgumentException(value.getClass().getName());
        }
    }

    public static Object readBox(Input in) throws FormatException {
        int code = in.readByte();
        FieldKind kind = FieldKind.findByCode(code);
        if (kind == null || kind == FieldKind.REFERENCE) {
            throw new FormatException("unknown kind " + code + " of a boxed value");
        }
        return readPrimitive(in, kind);
    }

    /** Reads the value of a field that is not a reference, boxed. */
    public static Object readPrimitive(Input in, FieldKind kind) throws FormatException {
        return switch (kind) {
            case BOOLEAN -> readBoolean(in);
            case BYTE -> in.readByte();
            case SHORT -> readShort(in);
            case CHAR -> readChar(in);
            case INT -> in.readVarInt(false);
            case LONG -> in.readVarLong(false);
            case FLOAT -> in.readFloat();
            case DOUBLE -> in.readDouble();
            case REFERENCE -> throw new IllegalArgumentException(kind.name());
        };
    }

    public static boolean readBoolean(Input in) throws FormatException {
        byte value = in.readByte();
        if ((value & ~1) != 0) {
            throw new FormatException("a boolean of " + value);
        }
        return value != 0;
    }

    static short readShort(Input in) throws FormatException {
        int value = in.readVarInt(false);
        if (value != (short) value) {
            throw new FormatException("a short of " + value);
        }
        return (short) value;
    }

    static char readChar(Input in) throws FormatException {
        int value = in.readVarInt(true);
        if (value != (char) value) {
            throw new FormatException("a char of " + value);
        }
        return (char) value;
    }

    /** Length and raw elements of an array of primitives. */
    public static void writeArray(Output out, TypeKind kind, Object array) {
        switch (kind) {
            case BOOLEAN_ARRAY -> {
                boolean[] values = (boolean[]) array;
                int at = startArray(out, values.length, 1);
                byte[] buffer = out.getBuffer();
                for (int i = 0; i < values.length; i++) {
                    buffer[at + i] = (byte) (values[i] ? 1 : 0);
                }
            }
            case BYTE_ARRAY -> {
                byte[] values = (byte[]) array;
                out.writeVarInt(values.length, true);
                out.writeBytes(values, 0, values.length);
            }
            case SHORT_ARRAY -> {
                short[] values = (short[]) array;
                int at = startArray(out, values.length, Short.BYTES);
                byte[] buffer = out.getBuffer();
                for (int i = 0; i < values.length; i++) {
                    SHORTS.set(buffer, at + i * Short.BYTES, values[i]);
                }
            }
            case CHAR_ARRAY -> {
                char[] values = (char[]) array;
                int at = startArray(out, values.length, Character.BYTES);
                byte[] buffer = out.getBuffer();
                for (int i = 0; i < values.length; i++) {
                    CHARS.set(buffer, at + i * Character.BYTES, values[i]);
                }
            }
            case INT_ARRAY -> {
                int[] values = (int[]) array;
                int at = startArray(out, values.length, Integer.BYTES);
                byte[] buffer = out.getBuffer();
                for (int i = 0; i < values.length; i++) {
                    INTS.set(buffer, at + i * Integer.BYTES, values[i]);
                }
            }
            case LONG_ARRAY -> writeLongs(out, (long[]) array);
            case FLOAT_ARRAY -> {
                float[] values = (float[]) array;
                int at = startArray(out, values.length, Float.BYTES);
                byte[] buffer = out.getBuffer();
                for (int i = 0; i < values.length; i++) {
                    INTS.set(buffer, at + i * Float.BYTES, Float.floatToRawIntBits(values[i]));
                }
            }
            case DOUBLE_ARRAY -> {
                double[] values = (double[]) array;
                int at = startArray(out, values.length, Double.BYTES);
                byte[] buffer = out.getBuffer();
                for (int i = 0; i < values.length; i++) {
                    LONGS.set(buffer, at + i * Double.BYTES, Double.doubleToRawLongBits(values[i]));
                }
            }
            default -> throw new IllegalArgumentException(kind.name());
        }
    }

    private static int startArray(Output out, int length, int elementBytes) {
        out.writeVarInt(length, true);
        return reserve(out, Math.multiplyExact(length, elementBytes));
    }

    public static void writeLongs(Output out, long[] values) {
        int at = startArray(out, values.length, Long.BYTES);
        byte[] buffer = out.getBuffer();
        for (int i = 0; i < values.length; i++) {
            LONGS.set(buffer, at + i * Long.BYTES, values[i]);
        }
    }

    public static Object readArray(Input in, TypeKind kind) throws FormatException {
        byte[] buffer = in.getBuffer();
        switch (kind) {
            case BOOLEAN_ARRAY -> {
                boolean[] values = new boolean[readCountOf(in, 1)];
                for (int i = 0; i < values.length; i++) {
                    values[i] = readBoolean(in);
                }
                return values;
            }
            case BYTE_ARRAY -> {
                return in.readBytes(readCountOf(in, 1));
            }
            case SHORT_ARRAY -> {
                short[] values = new short[readCountOf(in, Short.BYTES)];
                int at = skip(in, values.length * Short.BYTES);
                for (int i = 0; i < values.length; i++) {
                    values[i] = (short) SHORTS.get(buffer, at + i * Short.BYTES);
                }
                return values;
            }
            case CHAR_ARRAY -> {
                char[] values = new char[readCountOf(in, Character.BYTES)];
                int at = skip(in, values.length * Character.BYTES);
                for (int i = 0; i < values.length; i++) {
                    values[i] = (char) CHARS.get(buffer, at + i * Character.BYTES);
                }
                return values;
            }
            case INT_ARRAY -> {
                int[] values = new int[readCountOf(in, Integer.BYTES)];
                int at = skip(in, values.length * Integer.BYTES);
                for (int i = 0; i < values.length; i++) {
                    values[i] = (int) INTS.get(buffer, at + i * Integer.BYTES);
                }
                return values;
            }
            case LONG_ARRAY -> {
                return readLongs(in);
            }
            case FLOAT_ARRAY -> {
                float[] values = new float[readCountOf(in, Float.BYTES)];
                int at = skip(in, values.length * Float.BYTES);
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.intBitsToFloat((int) INTS.get(buffer, at + i * Float.BYTES));
                }
                return values;
            }
            case DOUBLE_ARRAY -> {
                double[] values = new double[readCountOf(in, Double.BYTES)];
                int at = skip(in, values.length * Double.BYTES);
                for (int i = 0; i < values.length; i++) {
                    values[i] =
                            Double.longBitsToDouble(
                                    (long) LONGS.get(buffer, at + i * Double.BYTES));
                }
                return values;
            }
            default -> throw new IllegalArgumentException(kind.name());
        }
    }

    public static long[] readLongs(Input in) throws FormatException {
        long[] values = new long[readCountOf(in, Long.BYTES)];
        byte[] buffer = in.getBuffer();
        int at = skip(in, values.length * Long.BYTES);
        for (int i = 0; i < values.length; i++) {
            values[i] = (long) LONGS.get(buffer, at + i * Long.BYTES);
        }
        return values;
    }
}
