package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.StreamInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import net.jpountz.lz4.LZ4Compressor;

/**
 * Brings the chunks of one stream into a pack, on all cores. Every thread takes a private copy of a
 * chunk first, so that name and content agree even if the source changes meanwhile; then tests for
 * zero, hashes, asks for the name, and compresses only what the store lacks.
 */
public final class ChunkSaver {
    private static final byte[] ZEROS = new byte[ChunkFormat.MAX_CHUNK_BYTES];

    private final PackWriter pack;
    private final ChunkFeed feed;
    private final int chunkBytes;

    /** What the threads have done; guarded by this. */
    private final List<MapEntries> entries = new ArrayList<>();

    private long dataBytes;

    /** What the pack held before this stream. */
    private final int chunksBefore;

    private final long storedBytesBefore;

    private ChunkSaver(PackWriter pack, ChunkFeed feed, int chunkBytes) {
        this.pack = pack;
        this.feed = feed;
        this.chunkBytes = chunkBytes;
        this.chunksBefore = pack.chunks();
        this.storedBytesBefore = pack.storedBytes();
    }

    /**
     * A stream that is in the pack, and its page map.
     *
     * @param info for the manifest
     * @param map segments to store
     */
    public record SavedStream(StreamInfo info, List<byte[]> map) {}

    /** Saves all chunks of a feed; returns when all are written (not yet durable). */
    static SavedStream save(
            PackWriter pack,
            ChunkFeed feed,
            int chunkBytes,
            int index,
            StreamInfo.Kind kind,
            String name)
            throws IOException {
        ChunkSaver saver = new ChunkSaver(pack, feed, chunkBytes);
        Workers.run(Workers.threadsFor(feed.estimate()), "snapshot-save-", saver::work);
        return saver.finish(index, kind, name);
    }

    private synchronized SavedStream finish(int index, StreamInfo.Kind kind, String name) {
        List<byte[]> map = MapEntries.merge(entries);
        CRC32C crc = new CRC32C();
        ChunkHash hash = new ChunkHash();
        ByteArrayOutputStream hashes = new ByteArrayOutputStream();
        int count = 0;
        for (byte[] segment : map) {
            crc.update(segment);
            hashes.writeBytes(hash.of(segment));
            count += segment.length / PageMap.ENTRY_BYTES;
        }
        StreamInfo info =
                new StreamInfo(
                        index,
                        kind,
                        name,
                        feed.lengthBytes(),
                        chunkBytes,
                        count,
                        dataBytes,
                        pack.chunks() - chunksBefore,
                        pack.storedBytes() - storedBytesBefore,
                        (int) crc.getValue(),
                        HexFormats.hex(hash.of(hashes.toByteArray())));
        return new SavedStream(info, map);
    }

    private synchronized void add(Worker worker) {
        entries.add(worker.entries);
        dataBytes += worker.dataBytes;
    }

    private void work(Workers.Run run) throws IOException {
        Worker worker = new Worker();
        while (!run.failed() && feed.next(worker.chunk)) {
            worker.save();
            pack.noteTaken(worker.chunk.readBytes);
        }
        add(worker);
    }

    /** Bit i is set when the i-th part of the chunk holds a byte that is not zero. */
    static long partsOf(byte[] data, int length, int partBytes) {
        long parts = 0;
        for (int i = 0, from = 0; from < length; i++, from += partBytes) {
            int to = Math.min(length, from + partBytes);
            if (Arrays.mismatch(data, from, to, ZEROS, 0, to - from) >= 0) {
                parts |= 1L << i;
            }
        }
        return parts;
    }

    /** The buffers and counts of one thread. */
    private final class Worker {
        final ChunkBuffer chunk = new ChunkBuffer(chunkBytes);
        final MapEntries entries = new MapEntries();
        long dataBytes;
        private final ChunkHash hash = new ChunkHash();
        private final CRC32C crc = new CRC32C();
        private final LZ4Compressor lz4;
        private final ByteBuffer stored;

        Worker() throws SnapshotException {
            lz4 = NativeLibraries.lz4().fastCompressor();
            stored =
                    ByteBuffer.allocateDirect(
                            ChunkFormat.HEADER_BYTES + lz4.maxCompressedLength(chunkBytes));
        }

        void save() throws IOException {
            long parts = partsOf(chunk.data, chunk.length, ChunkFormat.partBytes(chunkBytes));
            if (parts == 0) {
                return;
            }
            byte[] sha256 = hash.of(chunk.data, 0, chunk.length);
            ChunkName name = ChunkName.of(sha256);
            ChunkPlace place = pack.find(name, chunk.length);
            if (place == null) {
                encode(sha256);
                place = pack.append(name, chunk.length, stored);
            }
            dataBytes += chunk.length;
            entries.add(chunk.offset, place, parts, sha256);
        }

        private void encode(byte[] sha256) {
            int length = chunk.length;
            stored.clear();
            ByteBuffer source = ByteBuffer.wrap(chunk.data);
            int packed =
                    lz4.compress(
                            source,
                            0,
                            length,
                            stored,
                            ChunkFormat.HEADER_BYTES,
                            stored.capacity() - ChunkFormat.HEADER_BYTES);
            // Under a sixteenth saved does not pay for unpacking it at every restore.
            boolean pays = packed < length - length / 16;
            crc.reset();
            crc.update(chunk.data, 0, length);
            stored.put(pays ? ChunkFormat.LZ4 : ChunkFormat.RAW)
                    .put(new byte[ChunkFormat.RAW_BYTES_AT - 1])
                    .putInt(length)
                    .putInt((int) crc.getValue())
                    .put(sha256);
            if (pays) {
                stored.position(ChunkFormat.HEADER_BYTES + packed);
            } else {
                stored.put(chunk.data, 0, length);
            }
            stored.flip();
        }
    }
}
