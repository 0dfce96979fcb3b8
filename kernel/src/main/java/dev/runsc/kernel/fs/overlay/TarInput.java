package dev.runsc.kernel.fs.overlay;

import dev.runsc.gofer.abi.DeviceNumber;
import dev.runsc.kernel.vfs.RawName;
import dev.runsc.kernel.vfs.SavedAttributes;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar archive from front to back: the headers of POSIX (pax(1), ustar) and GNU tar's long
 * names and large numbers. It may come from anybody.
 */
final class TarInput {
    private static final int BLOCK = 512;

    /** Enough for a path and all extended attributes that a file may have. */
    private static final int EXTENDED_BYTES_MAX = 4 << 20;

    private static final long SECOND = 1_000_000_000L;
    private static final long SECONDS_MAX = Long.MAX_VALUE / SECOND - 1;

    /** No exponents: those make small texts large numbers. */
    private static final Pattern TIME = Pattern.compile("-?[0-9]{1,18}(\\.[0-9]{0,30})?");

    private static final String XATTR = "SCHILY.xattr.";

    private final InputStream in;
    private final byte[] block = new byte[BLOCK];

    /** What of the current member's contents has not been read, and the padding behind it. */
    private long left;

    private int padding;

    /** What extended headers say of the next member. */
    private final Map<String, byte[]> extended = new HashMap<>();

    TarInput(InputStream in) {
        this.in = in;
    }

    /** The next member; null at the end of the archive. */
    @Nullable TarMember next() throws IOException {
        skip(left);
        skip(padding);
        extended.clear();
        while (true) {
            readBlock();
            if (isEmpty()) {
                return null;
            }
            checkSum();
            long size = number(124, 12);
            switch (block[156]) {
                case 'x' -> readRecords(text(size));
                case 'g' -> text(size);
                case 'L' -> extended.put("path", upToZero(text(size)));
                case 'K' -> extended.put("linkpath", upToZero(text(size)));
                default -> {
                    return member(size);
                }
            }
        }
    }

    /** Reads contents of the current member; fewer bytes only at their end. */
    int read(byte[] piece, int length) throws IOException {
        int wanted = (int) Math.min(left, length);
        exactly(piece, wanted);
        left -= wanted;
        return wanted;
    }

    private TarMember member(long headerSize) throws IOException {
        char type = block[156] == 0 || block[156] == '7' ? TarMember.FILE : (char) block[156];
        byte[] given = extended.get("size");
        long size = given == null ? headerSize : decimal(given);
        boolean hasContents = type == TarMember.FILE;
        left = hasContents ? size : 0;
        padding = hasContents ? (int) (-size & BLOCK - 1) : 0;
        long modify = time("mtime", Math.min(number(136, 12), SECONDS_MAX) * SECOND);
        TreeMap<String, byte[]> xattrs = new TreeMap<>();
        extended.forEach((key, value) -> {
            if (key.startsWith(XATTR)) {
                xattrs.put(key.substring(XATTR.length()), value);
            }
        });
        SavedAttributes attributes =
                new SavedAttributes(
                        (int) number(100, 8) & 07777,
                        id("uid", 108),
                        id("gid", 116),
                        time("atime", modify),
                        modify,
                        time("ctime", modify),
                        xattrs);
        boolean device = type == TarMember.CHARACTER_DEVICE || type == TarMember.BLOCK_DEVICE;
        return new TarMember(
                path(),
                type,
                name("linkpath", 157, 100),
                left,
                attributes,
                device ? DeviceNumber.make((int) number(329, 8), (int) number(337, 8)) : 0);
    }

    /** In the form of POSIX a path may lie in two parts. */
    private String path() {
        boolean parts = block[257] == 'u' && block[262] == 0 && block[345] != 0;
        String name = name("path", 0, 100);
        return parts && !extended.containsKey("path") ? raw(345, 155) + "/" + name : name;
    }

    private String name(String key, int at, int length) {
        byte[] given = extended.get(key);
        return given == null ? raw(at, length) : RawName.of(given);
    }

    private String raw(int at, int length) {
        int end = at;
        while (end < at + length && block[end] != 0) {
            end++;
        }
        return RawName.of(Arrays.copyOfRange(block, at, end));
    }

    private int id(String key, int at) throws IOException {
        byte[] given = extended.get(key);
        long id = given == null ? number(at, 8) : decimal(given);
        if (id > 0xffff_fffeL) {
            throw damaged(key);
        }
        return (int) id;
    }

    // ---- numbers

    /** Octal digits between blanks and zeros; large ones are binary, as GNU tar has them. */
    private long number(int at, int length) throws IOException {
        if ((block[at] & 0x80) != 0) {
            long value = block[at] & 0x7f;
            for (int i = at + 1; i < at + length; i++) {
                if (value > Long.MAX_VALUE >> 8) {
                    throw damaged("number");
                }
                value = value << 8 | block[i] & 0xff;
            }
            return value;
        }
        long value = 0;
        boolean begun = false;
        for (int i = at; i < at + length; i++) {
            int digit = block[i] - '0';
            if (digit >= 0 && digit < 8) {
                value = value << 3 | digit; // twelve digits at most
                begun = true;
            } else if (block[i] != ' ' && block[i] != 0) {
                throw damaged("number");
            } else if (begun) {
                break;
            }
        }
        return value;
    }

    private static long decimal(byte[] text) throws IOException {
        try {
            long value = Long.parseLong(RawName.of(text));
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new IOException("the archive is damaged: number", e);
        }
        throw damaged("number");
    }

    /** Seconds, perhaps with a fraction, as nanoseconds. */
    private long time(String key, long otherwise) throws IOException {
        byte[] given = extended.get(key);
        if (given == null) {
            return otherwise;
        }
        String text = RawName.of(given);
        if (given.length > BLOCK || !TIME.matcher(text).matches()) {
            throw damaged(key);
        }
        try {
            return new BigDecimal(text)
                    .movePointRight(9)
                    .setScale(0, RoundingMode.FLOOR)
                    .longValueExact();
        } catch (ArithmeticException e) {
            throw new IOException("the archive is damaged: " + key, e);
        }
    }

    // ---- blocks

    /** {@code LENGTH KEY=VALUE\n}, the length that of all of it. */
    private void readRecords(byte[] text) throws IOException {
        int at = 0;
        while (at < text.length) {
            int blank = at;
            int length = 0;
            while (blank < text.length && text[blank] >= '0' && text[blank] <= '9') {
                length = length * 10 + text[blank] - '0';
                if (length > EXTENDED_BYTES_MAX) {
                    throw damaged("length of a record");
                }
                blank++;
            }
            int end = at + length;
            int equals = blank + 1;
            while (equals < end && equals < text.length && text[equals] != '=') {
                equals++;
            }
            if (length == 0 || end > text.length || equals >= end || text[end - 1] != '\n') {
                throw damaged("record");
            }
            String key = RawName.of(Arrays.copyOfRange(text, blank + 1, equals));
            if (key.startsWith("GNU.sparse.")) {
                throw new IOException("the archive has sparse files in the form of GNU tar");
            }
            extended.put(key, Arrays.copyOfRange(text, equals + 1, end - 1));
            at = end;
        }
    }

    /** Contents that belong to the next header. */
    private byte[] text(long size) throws IOException {
        if (size < 0 || size > EXTENDED_BYTES_MAX) {
            throw damaged("header of " + size + " bytes");
        }
        byte[] bytes = new byte[(int) size];
        exactly(bytes, bytes.length);
        skip(-size & BLOCK - 1);
        return bytes;
    }

    private static byte[] upToZero(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return Arrays.copyOf(bytes, end);
    }

    private void readBlock() throws IOException {
        exactly(block, BLOCK);
    }

    private void exactly(byte[] bytes, int length) throws IOException {
        if (in.readNBytes(bytes, 0, length) < length) {
            throw new IOException("the archive ends early");
        }
    }

    private void skip(long count) throws IOException {
        try {
            in.skipNBytes(count);
        } catch (java.io.EOFException e) {
            throw new IOException("the archive ends early", e);
        }
    }

    private boolean isEmpty() {
        for (byte each : block) {
            if (each != 0) {
                return false;
            }
        }
        return true;
    }

    /** Of all bytes of the header, its own taken as blanks. */
    private void checkSum() throws IOException {
        int sum = 8 * ' ';
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? 0 : block[i] & 0xff;
        }
        if (number(148, 8) != sum) {
            throw new IOException("not a tar archive, or a damaged one");
        }
    }

    private static IOException damaged(String what) {
        return new IOException("the archive is damaged: " + what);
    }
}
