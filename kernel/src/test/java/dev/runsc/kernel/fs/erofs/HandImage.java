package dev.runsc.kernel.fs.erofs;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.fs.FsFixture;
import dev.runsc.kernel.fs.NoPlatform;
import dev.runsc.kernel.fs.gofer.FileReads;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** An image that is made byte by byte. Inodes count from byte 4096, data from byte 8192. */
final class HandImage {
    static final int DIRECTORY = 0040755;
    static final int FILE = 0100644;
    static final int LINK = 0120777;

    static final int PLAIN = 0;
    static final int COMPRESSED = 1;
    static final int INLINE = 2;
    static final int CHUNKS = 4;

    static final int INODES_AT = 4096;
    static final int DATA_AT = 8192;
    static final int ROOT = 1;

    final ByteBuffer bytes;
    private final int bits;

    HandImage(int bits, int sizeBytes) {
        this(bits, ByteBuffer.allocate(sizeBytes).order(ByteOrder.LITTLE_ENDIAN));
        bytes.putInt(1024, (int) Superblock.MAGIC);
        bytes.put(1036, (byte) bits);
        bytes.putShort(1038, (short) ROOT);
        bytes.putLong(1040, 4);
        bytes.putLong(1048, 1_000_000_000);
        bytes.putInt(1056, 123_456_789);
        bytes.putInt(1060, sizeBytes >> bits);
        bytes.putInt(1064, INODES_AT >> bits);
    }

    HandImage(int bits, ByteBuffer bytes) {
        this.bits = bits;
        this.bytes = bytes;
    }

    /** A root with a file {@code f}, a folder {@code d} with a file {@code g}, a link {@code s}. */
    static HandImage small(int bits) {
        HandImage image = new HandImage(bits, 64 * 1024);
        int block = DATA_AT >> bits;
        image.inode(ROOT, PLAIN, DIRECTORY, 1 << bits, block);
        image.directory(
                DATA_AT, bits, ".", ROOT, 2, "..", ROOT, 2, "d", 4, 2, "f", 6, 1, "s", 8, 7);
        image.inode(4, PLAIN, DIRECTORY, 1 << bits, block + 1);
        image.directory(DATA_AT + (1 << bits), bits, ".", 4, 2, "..", ROOT, 2, "g", 10, 1);
        image.inode(6, PLAIN, FILE, 5000, 16384 >> bits);
        for (int i = 0; i < 5000; i++) {
            image.bytes.put(16384 + i, (byte) ('a' + i % 26));
        }
        image.inode(8, INLINE, LINK, 3, 0).text(INODES_AT + 8 * 32 + 32, "d/g");
        image.inode(10, INLINE, FILE, 6, 0).text(INODES_AT + 10 * 32 + 32, "inline");
        return image;
    }

    /** Writes an inode of the small form. */
    HandImage inode(int number, int layout, int mode, int size, int start) {
        int at = INODES_AT + number * 32;
        bytes.putShort(at, (short) (layout << 1));
        bytes.putShort(at + 4, (short) mode);
        bytes.putShort(at + 6, (short) 1);
        bytes.putInt(at + 8, size);
        bytes.putInt(at + 16, start);
        return this;
    }

    /** Writes an inode of the large form. */
    HandImage large(int number, int layout, int mode, long size, int start) {
        int at = INODES_AT + number * 32;
        bytes.putShort(at, (short) (1 | layout << 1));
        bytes.putShort(at + 4, (short) mode);
        bytes.putLong(at + 8, size);
        bytes.putInt(at + 16, start);
        bytes.putInt(at + 44, 1);
        return this;
    }

    HandImage text(int at, String text) {
        bytes.put(at, text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    /** Writes a block of a directory: names, numbers, types. */
    HandImage directory(int at, int bits, Object... entries) {
        int count = entries.length / 3;
        int names = at + count * 12;
        for (int i = 0; i < count; i++) {
            String name = (String) entries[3 * i];
            int entry = at + i * 12;
            bytes.putLong(entry, (Integer) entries[3 * i + 1]);
            bytes.putShort(entry + 8, (short) (names - at));
            bytes.put(entry + 10, (byte) (int) (Integer) entries[3 * i + 2]);
            text(names, name);
            names += name.length();
        }
        if (names - at > 1 << bits) {
            throw new IllegalArgumentException("too many names for a block");
        }
        return this;
    }

    /** Makes the superblock's checksum right, and says that there is one. */
    HandImage sum() {
        bytes.putInt(1032, bytes.getInt(1032) | 1);
        bytes.putInt(1028, 0);
        int block = 1 << bits;
        CRC32C sum = new CRC32C();
        sum.update(bytes.array(), 1024, block > 1024 ? block - 1024 : block);
        bytes.putInt(1028, (int) ~sum.getValue());
        return this;
    }

    ErofsFileSystem open(FsFixture fixture) throws ErrnoException, ErofsFault {
        return open(fixture, bytes.array());
    }

    static ErofsFileSystem open(FsFixture fixture, byte[] image) throws ErrnoException, ErofsFault {
        HostFd file = HostFiles.memfdCreate("erofs", 0);
        HostFiles.writeFully(
                file.number(), ByteBuffer.allocateDirect(image.length).put(image).flip());
        return new ErofsFileSystem(
                fixture.vfs,
                "test:/image",
                file,
                new NoPlatform(),
                fixture.memoryFile,
                new FileReads());
    }
}
