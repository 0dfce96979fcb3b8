package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The small text file that makes a directory a store. It says the format before any library touches
 * a byte, and how far the database has come: RocksDB takes a damaged tail of its own journal for a
 * crash and quietly goes back to an older state, which the generation kept here gives away.
 *
 * <pre>
 * runsc-snapshot-store
 * format 1
 * generation 17
 * crc32c 0a1b2c3d
 * </pre>
 *
 * The checksum covers everything before its own line.
 *
 * @param format layout of the store
 * @param generation rises with every change; the database holds the same number or a higher one
 */
public record StoreHead(int format, long generation) {
    /** The layout this version writes and reads. */
    public static final int FORMAT = 1;

    private static final String MAGIC = "runsc-snapshot-store";
    private static final int MAX_BYTES = 4096;

    /** Reads the head, or null where there is no such file. */
    public static @Nullable StoreHead find(StoreFiles files) throws SnapshotException {
        byte[] bytes;
        try (FileChannel channel =
                FileChannel.open(
                        files.head(), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            ByteBuffer buffer = ByteBuffer.allocate(MAX_BYTES);
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {}
            bytes = new byte[buffer.flip().remaining()];
            buffer.get(bytes);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return null;
        } catch (IOException e) {
            // A parent that is a plain file is reported as a general failure, not by its own type.
            if (!Files.isDirectory(files.dir())) {
                return null;
            }
            throw Failures.of(files.dir(), "cannot read its head file", e);
        }
        return parse(files.dir(), new String(bytes, StandardCharsets.ISO_8859_1));
    }

    private static StoreHead parse(Path dir, String text) throws SnapshotException {
        int checksumAt = text.lastIndexOf("crc32c ");
        if (!text.startsWith(MAGIC + "\n") || checksumAt < 0) {
            throw Failures.damaged(dir, "its head file is not one of ours or is cut short");
        }
        String body = text.substring(0, checksumAt);
        if (!text.substring(checksumAt).equals(checksumLine(body))) {
            throw Failures.damaged(dir, "its head file fails its checksum");
        }
        String[] lines = body.split("\n");
        long format = number(dir, lines, 1, "format ");
        if (format != FORMAT) {
            throw new SnapshotException(
                    Kind.FORMAT,
                    "snapshot store "
                            + dir
                            + " has format "
                            + format
                            + ", this version reads format "
                            + FORMAT);
        }
        return new StoreHead(FORMAT, number(dir, lines, 2, "generation "));
    }

    private static long number(Path dir, String[] lines, int index, String label)
            throws SnapshotException {
        if (index < lines.length && lines[index].startsWith(label)) {
            try {
                return Long.parseLong(lines[index].substring(label.length()));
            } catch (NumberFormatException e) {
                throw Failures.damaged(dir, "its head file has a bad line: " + lines[index], e);
            }
        }
        throw Failures.damaged(dir, "its head file lacks the line '" + label.strip() + "'");
    }

    private static String checksumLine(String body) {
        CRC32C crc = new CRC32C();
        crc.update(body.getBytes(StandardCharsets.ISO_8859_1));
        return "crc32c " + HexFormats.hex8((int) crc.getValue()) + "\n";
    }

    /** Writes this head beside the present one and makes it durable; {@link #commitDraft} swaps. */
    public void writeDraft(StoreFiles files) throws IOException {
        String body = MAGIC + "\nformat " + format + "\ngeneration " + generation + "\n";
        ByteBuffer bytes =
                ByteBuffer.wrap((body + checksumLine(body)).getBytes(StandardCharsets.ISO_8859_1));
        try (FileChannel channel =
                FileChannel.open(
                        files.headDraft(),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    /** Puts the draft in place; needs no space, so that it works on a full disk too. */
    public static void commitDraft(StoreFiles files) throws IOException {
        Files.move(files.headDraft(), files.head(), StandardCopyOption.ATOMIC_MOVE);
        StoreFiles.syncDirectory(files.dir());
    }
}
