package dev.runsc.snapshot.internal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Entries of a page map as they are made by one thread, in rising order of offsets. */
final class MapEntries {
    private static final int PIECE_BYTES = PageMap.SEGMENT_ENTRIES * PageMap.ENTRY_BYTES;

    private final List<byte[]> pieces = new ArrayList<>();
    private int count;

    void add(long offset, ChunkPlace place, long parts, byte[] name) {
        ByteBuffer entry = nextEntry();
        int at = entry.position();
        entry.putLong(offset)
                .putLong(place.pack())
                .putInt(place.sequence())
                .putInt(place.rawBytes())
                .putLong(parts)
                .put(at + PageMap.NAME_AT, name);
    }

    private ByteBuffer nextEntry() {
        int at = count % PageMap.SEGMENT_ENTRIES * PageMap.ENTRY_BYTES;
        if (at == 0) {
            pieces.add(new byte[count == 0 ? PIECE_BYTES / 16 : PIECE_BYTES]);
        }
        byte[] last = pieces.getLast();
        if (at == last.length) {
            last = Arrays.copyOf(last, PIECE_BYTES);
            pieces.set(pieces.size() - 1, last);
        }
        count++;
        return ByteBuffer.wrap(last, at, PageMap.ENTRY_BYTES);
    }

    int count() {
        return count;
    }

    private ByteBuffer entry(int index) {
        return ByteBuffer.wrap(
                pieces.get(index / PageMap.SEGMENT_ENTRIES),
                index % PageMap.SEGMENT_ENTRIES * PageMap.ENTRY_BYTES,
                PageMap.ENTRY_BYTES);
    }

    private long offset(int index) {
        ByteBuffer entry = entry(index);
        return entry.getLong(entry.position());
    }

    /** One list of all, in order, cut into the segments that are stored. */
    static List<byte[]> merge(List<MapEntries> parts) {
        record Cursor(MapEntries list, int[] next) {
            long offset() {
                return list.offset(next[0]);
            }
        }
        PriorityQueue<Cursor> heads = new PriorityQueue<>(Comparator.comparingLong(Cursor::offset));
        int total = 0;
        for (MapEntries part : parts) {
            total += part.count;
            if (part.count > 0) {
                heads.add(new Cursor(part, new int[1]));
            }
        }
        List<byte[]> segments = new ArrayList<>();
        ByteBuffer segment = ByteBuffer.allocate(0);
        for (int i = 0; i < total; i++) {
            if (!segment.hasRemaining()) {
                int entries = Math.min(total - i, PageMap.SEGMENT_ENTRIES);
                segment = ByteBuffer.allocate(entries * PageMap.ENTRY_BYTES);
                segments.add(segment.array());
            }
            Cursor head = heads.remove();
            segment.put(head.list.entry(head.next[0]));
            if (++head.next[0] < head.list.count) {
                heads.add(head);
            }
        }
        return segments;
    }
}
