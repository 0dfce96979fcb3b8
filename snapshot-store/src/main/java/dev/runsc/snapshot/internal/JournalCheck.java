package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.SnapshotException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Proves RocksDB's own journals before RocksDB reads them: its manifest, and logs if there are any.
 * RocksDB 11 does not return from opening a manifest in which the type of a record was changed, and
 * passes over some other damage; tables need no such care, their blocks are proved when read.
 *
 * <p>A journal is cut into blocks of 32 KiB; a record does not cross from one to the next
 * (RocksDB's db/log_format.h), little-endian:
 *
 * <pre>
 *  0  crc32c  4   masked, of type and payload
 *  4  length  2   of the payload
 *  6  type    1   1 whole record, or 2 first, 3 middle, 4 last piece of one
 *  7  payload
 * </pre>
 */
final class JournalCheck {
    private static final int BLOCK_BYTES = 32 << 10;
    private static final int HEADER_BYTES = 7;
    private static final int WHOLE = 1;
    private static final int FIRST = 2;
    private static final int MIDDLE = 3;
    private static final int LAST = 4;

    /** RocksDB starts a new manifest at each opening for writing; 64 bytes per table is usual. */
    private static final long MAX_JOURNAL_BYTES = 256L << 20;

    private static final int MAX_CURRENT_BYTES = 64;

    private final StoreFiles files;

    private JournalCheck(StoreFiles files) {
        this.files = files;
    }

    /** Fails unless every journal of the database is whole, but for a torn end. */
    static void check(StoreFiles files) throws SnapshotException {
        try {
            new JournalCheck(files).checkAll();
        } catch (IOException e) {
            throw Failures.of(files.dir(), "cannot read its journals", e);
        }
    }

    private void checkAll() throws IOException {
        Path current = files.database().resolve("CURRENT");
        String manifest = new String(read(current, MAX_CURRENT_BYTES), StandardCharsets.ISO_8859_1);
        if (!manifest.matches("MANIFEST-\\d{6,18}\n")) {
            throw Failures.damaged(files.dir(), "db/CURRENT does not name a manifest");
        }
        Path file = files.database().resolve(manifest.strip());
        if (!Files.isRegularFile(file)) {
            throw Failures.damaged(files.dir(), "db/" + manifest.strip() + " is missing");
        }
        checkJournal(file);
        for (String name : StoreFiles.list(files.database())) {
            if (name.endsWith(".log")) {
                checkJournal(files.database().resolve(name));
            }
        }
    }

    private byte[] read(Path file, long limit) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size > limit) {
                throw Failures.damaged(
                        files.dir(), "db/" + file.getFileName() + " is too long: " + size);
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) size);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
            return bytes.position() == size
                    ? bytes.array()
                    : Arrays.copyOf(bytes.array(), bytes.position());
        }
    }

    private void checkJournal(Path file) throws IOException {
        byte[] bytes = read(file, MAX_JOURNAL_BYTES);
        ByteBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        boolean inside = false;
        int at = 0;
        while (at < bytes.length) {
            int left = BLOCK_BYTES - at % BLOCK_BYTES;
            if (left < HEADER_BYTES) {
                at += left;
                continue;
            }
            if (bytes.length - at < HEADER_BYTES || isZero(bytes, at)) {
                // A torn end, or space that was set aside: what a crash leaves. Whether something
                // that counts is gone shows in the generation.
                return;
            }
            int length = Short.toUnsignedInt(view.getShort(at + 4));
            int type = view.get(at + 6);
            if (length > left - HEADER_BYTES) {
                throw bad(file, at);
            }
            if (length > bytes.length - at - HEADER_BYTES) {
                return;
            }
            boolean continues = type == MIDDLE || type == LAST;
            boolean known = continues || type == WHOLE || type == FIRST;
            if (!known || continues != inside || crc(bytes, at, length) != view.getInt(at)) {
                throw bad(file, at);
            }
            inside = type == FIRST || type == MIDDLE;
            at += HEADER_BYTES + length;
        }
    }

    private SnapshotException bad(Path file, int at) {
        return Failures.damaged(
                files.dir(), "db/" + file.getFileName() + " has a bad record at byte " + at);
    }

    private static boolean isZero(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** RocksDB masks checksums that it stores, since data that holds its own checksum is weak. */
    private static int crc(byte[] bytes, int at, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, at + HEADER_BYTES - 1, length + 1);
        int value = (int) crc.getValue();
        return ((value >>> 15) | (value << 17)) + 0xa282ead8;
    }
}
