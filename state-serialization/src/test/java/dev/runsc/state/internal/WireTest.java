package dev.runsc.state.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WireTest {
    /** Bytes of an image, which must never change for this format version. */
    record Row(Object value, String hex) {}

    static Stream<Row> boxes() {
        return Stream.of(
                new Row(true, "01 01"),
                new Row((byte) -1, "02 ff"),
                new Row((short) -2, "03 03"),
                new Row('\uFFFF', "04 ff ff 03"),
                new Row(-1, "05 01"),
                new Row(300, "05 d8 04"),
                new Row(Integer.MIN_VALUE, "05 ff ff ff ff 0f"),
                new Row(1L << 47, "06 80 80 80 80 80 80 40"),
                new Row(1f, "07 00 00 80 3f"),
                new Row(1d, "08 00 00 00 00 00 00 f0 3f"));
    }

    @ParameterizedTest
    @MethodSource("boxes")
    void boxesHaveTheirBytes(Row row) throws FormatException {
        Output out = new Output(16, -1);
        Wire.writeBox(out, row.value);
        assertEquals(row.hex, hex(out));
        assertEquals(row.value, Wire.readBox(new Input(out.toBytes())));
    }

    static Stream<Row> texts() {
        return Stream.of(
                new Row("", "00"),
                new Row("ab", "04 61 62"),
                new Row("\u00FF", "02 ff"),
                new Row("\u0100", "03 00 01"),
                new Row("\uD800", "03 00 d8"));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void textsHaveTheirBytes(Row row) throws FormatException {
        Output out = new Output(1, -1);
        Wire.writeText(out, (String) row.value);
        assertEquals(row.hex, hex(out));
        assertEquals(row.value, Wire.readText(new Input(out.toBytes())));
    }

    @Test
    void arraysAreRawAndLittleEndian() throws FormatException {
        Output out = new Output(1, -1);
        Wire.writeArray(out, TypeKind.INT_ARRAY, new int[] {1, 0x01020304});
        assertEquals("02 01 00 00 00 04 03 02 01", hex(out));
        assertArrayEquals(
                new int[] {1, 0x01020304},
                (int[]) Wire.readArray(new Input(out.toBytes()), TypeKind.INT_ARRAY));
    }

    @Test
    void lengthsBeyondTheBytesAreRefused() {
        byte[] huge = {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x07, 1, 2, 3};
        for (TypeKind kind : TypeKind.values()) {
            if (kind.name().endsWith("_ARRAY") && kind != TypeKind.OBJECT_ARRAY) {
                assertThrows(FormatException.class, () -> Wire.readArray(new Input(huge), kind));
            }
        }
        assertThrows(FormatException.class, () -> Wire.readText(new Input(huge)));
        assertThrows(FormatException.class, () -> Wire.readLongs(new Input(huge)));
        byte[] negative = {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F};
        assertThrows(FormatException.class, () -> Wire.readCountOf(new Input(negative), 1));
    }

    private static String hex(Output out) {
        StringBuilder text = new StringBuilder();
        for (byte b : out.toBytes()) {
            text.append(text.isEmpty() ? "" : " ").append(String.format("%02x", b));
        }
        return text.toString();
    }
}
