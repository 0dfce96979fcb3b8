package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotException.Kind;
import dev.runsc.snapshot.model.Verification;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.jspecify.annotations.Nullable;

/** Reads, unpacks and proves chunks; holds the buffers of one thread. */
public final class ChunkLoader {
    private final Database database;
    private final ByteBuffer key = ByteBuffer.allocateDirect(Keys.CHUNK_KEY_BYTES);
    private final ByteBuffer stored;
    private final ByteBuffer unpacked;
    private final CRC32C crc = new CRC32C();
    private final @Nullable ChunkHash hash;
    private final LZ4SafeDecompressor lz4;

    public ChunkLoader(Database database, int chunkBytes, Verification verification)
            throws SnapshotException {
        this.database = database;
        lz4 = NativeLibraries.lz4().safeDecompressor();
        // A stored chunk is never longer than its header and its bytes: else it is kept raw.
        stored = ByteBuffer.allocateDirect(ChunkFormat.HEADER_BYTES + chunkBytes);
        unpacked = ByteBuffer.allocateDirect(chunkBytes);
        hash = verification == Verification.HASH ? new ChunkHash() : null;
    }

    /** The bytes of an entry's chunk, valid until the next call. */
    public ByteBuffer load(PageMap map, int entry) throws SnapshotException {
        return load(map, entry, unpacked);
    }

    /**
     * Like {@link #load(PageMap, int)}, but unpacks into the given direct buffer where it must
     * unpack; the answer is either that buffer or another that holds the bytes as they were stored.
     */
    public ByteBuffer load(PageMap map, int entry, ByteBuffer target) throws SnapshotException {
        int length = map.length(entry);
        ChunkName name = map.name(entry);
        ByteBuffer payload = fetch(map.pack(entry), map.sequence(entry), name, length);
        ByteBuffer bytes =
                switch (stored.get(ChunkFormat.KIND_AT)) {
                    case ChunkFormat.RAW -> asRaw(payload, length, name);
                    case ChunkFormat.LZ4 -> unpack(payload, target, length, name);
                    default ->
                            throw new SnapshotException(
                                    Kind.FORMAT,
                                    "snapshot store "
                                            + database.store()
                                            + ": chunk "
                                            + name
                                            + " is of a kind this version does not read");
                };
        prove(bytes, name);
        return bytes;
    }

    private ByteBuffer fetch(long pack, int sequence, ChunkName name, int length)
            throws SnapshotException {
        key.clear().put(Keys.CHUNK).putLong(pack).putInt(sequence).flip();
        stored.clear();
        int size = database.read(key, stored);
        if (size < 0) {
            throw damaged(name, "is missing");
        }
        if (size < ChunkFormat.HEADER_BYTES || size > stored.capacity()) {
            throw damaged(name, "has an impossible size");
        }
        if (stored.getInt(ChunkFormat.RAW_BYTES_AT) != length
                || !ChunkName.at(stored, ChunkFormat.NAME_AT).equals(name)) {
            throw damaged(name, "is not where the page map says");
        }
        return stored.limit(size).position(ChunkFormat.HEADER_BYTES).slice();
    }

    private ByteBuffer asRaw(ByteBuffer payload, int length, ChunkName name)
            throws SnapshotException {
        if (payload.remaining() != length) {
            throw damaged(name, "has an impossible size");
        }
        return payload;
    }

    private ByteBuffer unpack(ByteBuffer payload, ByteBuffer target, int length, ChunkName name)
            throws SnapshotException {
        int at = target.position();
        try {
            int done =
                    lz4.decompress(
                            payload, payload.position(), payload.remaining(), target, at, length);
            if (done == length) {
                return target.slice(at, length);
            }
            throw damaged(name, "unpacks to another length");
        } catch (LZ4Exception e) {
            throw Failures.damaged(database.store(), "chunk " + name + " does not unpack", e);
        }
    }

    private void prove(ByteBuffer bytes, ChunkName name) throws SnapshotException {
        crc.reset();
        crc.update(bytes.duplicate());
        if ((int) crc.getValue() != stored.getInt(ChunkFormat.CRC_AT)) {
            throw damaged(name, "fails its checksum");
        }
        if (hash != null && !ChunkName.of(hash.of(bytes)).equals(name)) {
            throw damaged(name, "has other bytes than its name says");
        }
    }

    private SnapshotException damaged(ChunkName name, String how) {
        return Failures.damaged(database.store(), "chunk " + name + " " + how);
    }
}
