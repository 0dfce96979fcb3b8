package dev.runsc.kernel.fs.erofs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.vfs.RawName;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The extended attributes of an inode: a header ({@code struct erofs_xattr_ibody_header}) with the
 * places of those it shares with others, then its own.
 */
final class ErofsXattrs {
    private static final int HEADER_BYTES = 12;
    private static final int SHARED_COUNT_AT = 4;

    /** {@code struct erofs_xattr_entry}: lengths, and what the name begins with. */
    private static final int ENTRY_BYTES = 4;

    private static final int UNIT = 4;

    /** By index; empty for what is not shown: there are no POSIX ACLs here. */
    private static final String[] PREFIXES = {"", "user.", "", "", "trusted.", "", "security."};

    private final ErofsImage image;
    private final Superblock superblock;
    private final InodeFacts facts;

    ErofsXattrs(ErofsImage image, Superblock superblock, InodeFacts facts) {
        this.image = image;
        this.superblock = superblock;
        this.facts = facts;
    }

    /** Takes attributes until it has what it wants. */
    private interface Sink {
        /** True when no more are wanted. */
        boolean take(String name, ByteBuffer value);
    }

    byte @Nullable [] find(String wanted) throws ErrnoException {
        byte[][] found = new byte[1][];
        walk((name, value) -> {
            if (!name.equals(wanted)) {
                return false;
            }
            found[0] = new byte[value.remaining()];
            value.get(found[0]);
            return true;
        });
        return found[0];
    }

    List<String> names() throws ErrnoException {
        List<String> names = new ArrayList<>();
        walk((name, value) -> {
            if (!names.contains(name)) {
                names.add(name);
            }
            return false;
        });
        return names;
    }

    private void walk(Sink sink) throws ErrnoException {
        if (facts.xattrBytes() == 0) {
            return;
        }
        ByteBuffer own = image.bytes(facts.xattrsAt(), facts.xattrBytes());
        int shared = own.get(SHARED_COUNT_AT) & 0xff;
        int at = HEADER_BYTES + shared * UNIT;
        if (at > own.limit()) {
            throw Errno.EUCLEAN.error();
        }
        while (own.limit() - at >= ENTRY_BYTES) {
            int length = length(own.slice(at, ENTRY_BYTES));
            if (length > own.limit() - at) {
                throw Errno.EUCLEAN.error();
            }
            if (take(own.slice(at, length).order(own.order()), sink)) {
                return;
            }
            at += length + UNIT - 1 & -UNIT;
        }
        for (int i = 0; i < shared; i++) {
            long place = Integer.toUnsignedLong(own.getInt(HEADER_BYTES + i * UNIT));
            long from = superblock.sharedXattrsAt() + place * UNIT;
            int length = length(image.bytes(from, ENTRY_BYTES));
            if (take(image.bytes(from, length), sink)) {
                return;
            }
        }
    }

    /** Of an entry with its name and its value. */
    private static int length(ByteBuffer entry) {
        int value = entry.get(2) & 0xff | (entry.get(3) & 0xff) << 8;
        return ENTRY_BYTES + (entry.get(0) & 0xff) + value;
    }

    private static boolean take(ByteBuffer entry, Sink sink) {
        int index = entry.get(1) & 0xff;
        int nameLength = entry.get(0) & 0xff;
        if (index >= PREFIXES.length || PREFIXES[index].isEmpty()) {
            return false;
        }
        byte[] name = new byte[nameLength];
        entry.get(ENTRY_BYTES, name);
        return sink.take(
                PREFIXES[index] + RawName.of(name), entry.position(ENTRY_BYTES + nameLength));
    }
}
