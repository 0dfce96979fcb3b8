package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** {@code struct new_utsname} of uname(2): six texts of at most 64 bytes. */
public record Utsname(
        String sysname,
        String nodename,
        String release,
        String version,
        String machine,
        String domainname)
        implements AbiStruct {
    /** Room for one text with its terminating zero: {@code __NEW_UTS_LEN} + 1. */
    public static final int FIELD_BYTES = 65;

    public static final int BYTES = 6 * FIELD_BYTES;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Utsname readFrom(ByteBuffer source) {
        return new Utsname(
                text(source), text(source), text(source), text(source), text(source), text(source));
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        put(target, sysname);
        put(target, nodename);
        put(target, release);
        put(target, version);
        put(target, machine);
        put(target, domainname);
    }

    private static String text(ByteBuffer source) {
        byte[] field = new byte[FIELD_BYTES];
        source.get(field);
        int length = 0;
        while (length < FIELD_BYTES && field[length] != 0) {
            length++;
        }
        return new String(field, 0, length, StandardCharsets.ISO_8859_1);
    }

    private static void put(ByteBuffer target, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int length = Math.min(bytes.length, FIELD_BYTES - 1);
        target.put(bytes, 0, length);
        AbiStruct.putZeros(target, FIELD_BYTES - length);
    }
}
