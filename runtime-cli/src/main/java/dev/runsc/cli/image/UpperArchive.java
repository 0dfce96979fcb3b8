package dev.runsc.cli.image;

import dev.runsc.gofer.abi.DeviceNumber;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.kernel.KernelException;
import dev.runsc.kernel.UpperLayer;
import dev.runsc.kernel.fs.overlay.UpperEntry;
import dev.runsc.kernel.vfs.RawName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The upper layer of a root as a tar archive in the form of POSIX (pax), which GNU tar reads. What
 * is gone from the lower layer stands there as in OCI image layers: an empty file {@code .wh.NAME},
 * and {@code .wh..wh..opq} in a directory that hides all below it.
 */
public final class UpperArchive implements UpperLayer.Sink, AutoCloseable {
    private static final int BLOCK = 512;
    private static final int PIECE_BYTES = 1 << 20;
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";

    /** Room for a name in the old header; longer ones stand in an extended one. */
    private static final int NAME_BYTES = 100;

    /** What eleven and seven octal digits can say. */
    private static final long SIZE_LIMIT = 1L << 33;

    private static final int NUMBER_LIMIT = 1 << 21;

    private final UpperLayer layer;
    private final OutputStream out;

    /** The first names of files that have more, by inode number. */
    private final Map<Long, String> linked = new HashMap<>();

    private UpperArchive(UpperLayer layer, OutputStream out) {
        this.layer = layer;
        this.out = out;
    }

    /** Writes a layer that does not change meanwhile; the stream stays open. */
    public static void write(UpperLayer layer, OutputStream out)
            throws KernelException, IOException {
        try (UpperArchive archive = new UpperArchive(layer, out)) {
            layer.walk(archive);
        }
    }

    @Override
    public void accept(UpperEntry entry) throws IOException {
        String path = entry.path();
        Stat stat = entry.stat();
        if (entry.whiteout()) {
            int slash = path.lastIndexOf('/') + 1;
            mark(path.substring(0, slash) + WHITEOUT + path.substring(slash), stat);
            return;
        }
        String first = linked.get(stat.ino());
        if (first != null) {
            header(new Member(path, stat, '1', 0, first, Map.of()));
            return;
        }
        if (stat.nlink() > 1 && entry.inode().type() != FileMode.S_IFDIR) {
            linked.put(stat.ino(), path);
        }
        try {
            switch (entry.inode().type()) {
                case FileMode.S_IFDIR -> {
                    String name = path.isEmpty() ? "./" : path + "/";
                    header(new Member(name, stat, '5', 0, "", entry.xattrs()));
                    if (entry.opaque()) {
                        mark(path.isEmpty() ? OPAQUE : path + "/" + OPAQUE, stat);
                    }
                }
                case FileMode.S_IFREG -> file(entry);
                case FileMode.S_IFLNK -> {
                    String target = layer.readLink(entry.inode());
                    header(new Member(path, stat, '2', 0, target, entry.xattrs()));
                }
                case FileMode.S_IFCHR -> header(new Member(path, stat, '3', 0, "", entry.xattrs()));
                case FileMode.S_IFBLK -> header(new Member(path, stat, '4', 0, "", entry.xattrs()));
                case FileMode.S_IFIFO -> header(new Member(path, stat, '6', 0, "", entry.xattrs()));
                default -> {
                    // Archives have no sockets; GNU tar leaves them out too.
                }
            }
        } catch (KernelException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private void mark(String path, Stat like) throws IOException {
        header(new Member(path, like, '0', 0, "", Map.of()));
    }

    private void file(UpperEntry entry) throws IOException, KernelException {
        long size = entry.stat().size();
        header(new Member(entry.path(), entry.stat(), '0', size, "", entry.xattrs()));
        byte[] piece = new byte[(int) Math.min(PIECE_BYTES, Math.max(1, size))];
        long done = 0;
        while (done < size) {
            int count = layer.read(entry.inode(), done, piece);
            if (count <= 0) {
                throw new IOException("file became shorter: " + RawName.text(entry.path()));
            }
            int used = (int) Math.min(count, size - done);
            out.write(piece, 0, used);
            done += used;
        }
        pad(size);
    }

    private void pad(long size) throws IOException {
        int over = (int) (size % BLOCK);
        if (over != 0) {
            out.write(new byte[BLOCK - over]);
        }
    }

    /** One entry of the archive; names are raw bytes. */
    private record Member(
            String path,
            Stat stat,
            char type,
            long size,
            String link,
            Map<String, byte[]> xattrs) {}

    private void header(Member member) throws IOException {
        Map<String, byte[]> extended = new LinkedHashMap<>();
        if (member.path.length() > NAME_BYTES) {
            extended.put("path", RawName.bytes(member.path));
        }
        if (member.link.length() > NAME_BYTES) {
            extended.put("linkpath", RawName.bytes(member.link));
        }
        if (member.size >= SIZE_LIMIT) {
            extended.put("size", ascii(Long.toString(member.size)));
        }
        putNumber(extended, "uid", member.stat.uid());
        putNumber(extended, "gid", member.stat.gid());
        long seconds = member.stat.mtime().seconds();
        if (seconds < 0 || seconds >= SIZE_LIMIT || member.stat.mtime().nanos() != 0) {
            String fraction = String.valueOf(1_000_000_000L + member.stat.mtime().nanos());
            extended.put("mtime", ascii(seconds + "." + fraction.substring(1)));
        }
        member.xattrs.forEach((name, value) -> extended.put("SCHILY.xattr." + name, value));
        if (!extended.isEmpty()) {
            byte[] records = records(extended);
            block("././@PaxHeader", 'x', records.length, "", member.stat);
            out.write(records);
            pad(records.length);
        }
        block(member.path, member.type, member.size, member.link, member.stat);
    }

    private static void putNumber(Map<String, byte[]> extended, String name, int value) {
        long unsigned = Integer.toUnsignedLong(value);
        if (unsigned >= NUMBER_LIMIT) {
            extended.put(name, ascii(Long.toString(unsigned)));
        }
    }

    /** Each record begins with its own length in decimal, that number included. */
    private static byte[] records(Map<String, byte[]> extended) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Map.Entry<String, byte[]> entry : extended.entrySet()) {
            byte[] key = RawName.bytes(entry.getKey());
            // A blank, an equals sign and a newline.
            int rest = key.length + entry.getValue().length + 3;
            int length = rest + String.valueOf(rest).length();
            length = rest + String.valueOf(length).length();
            all.write(ascii(length + " "));
            all.write(key);
            all.write('=');
            all.write(entry.getValue());
            all.write('\n');
        }
        return all.toByteArray();
    }

    private void block(String path, char type, long size, String link, Stat stat)
            throws IOException {
        byte[] block = new byte[BLOCK];
        text(block, 0, NAME_BYTES, RawName.bytes(path));
        octal(block, 100, 8, stat.mode() & 07777);
        octal(block, 108, 8, small(stat.uid()));
        octal(block, 116, 8, small(stat.gid()));
        octal(block, 124, 12, size < SIZE_LIMIT ? size : 0);
        long seconds = stat.mtime().seconds();
        octal(block, 136, 12, seconds < 0 || seconds >= SIZE_LIMIT ? 0 : seconds);
        block[156] = (byte) type;
        text(block, 157, NAME_BYTES, RawName.bytes(link));
        text(block, 257, 8, new byte[] {'u', 's', 't', 'a', 'r', 0, '0', '0'});
        if (type == '3' || type == '4') {
            octal(block, 329, 8, DeviceNumber.major(stat.rdev()));
            octal(block, 337, 8, DeviceNumber.minor(stat.rdev()) & (NUMBER_LIMIT - 1));
        }
        java.util.Arrays.fill(block, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte each : block) {
            sum += each & 0xff;
        }
        octal(block, 148, 7, sum);
        out.write(block);
    }

    private static long small(int number) {
        return Integer.toUnsignedLong(number) < NUMBER_LIMIT ? number : 0;
    }

    private static void text(byte[] block, int at, int length, byte[] text) {
        System.arraycopy(text, 0, block, at, Math.min(length, text.length));
    }

    /** Digits, and a zero behind them. */
    private static void octal(byte[] block, int at, int length, long value) {
        String digits = Long.toOctalString(value);
        String padded = "0".repeat(Math.max(0, length - 1 - digits.length())) + digits;
        text(block, at, length - 1, ascii(padded));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Writes the end of the archive; the stream stays open. */
    @Override
    public void close() throws IOException {
        out.write(new byte[2 * BLOCK]);
        out.flush();
    }
}
