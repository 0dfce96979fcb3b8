package dev.runsc.kernel.memory;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Segments that do not overlap, in order. Two levels of sorted arrays: a lookup is two binary
 * searches over plain longs, an insertion moves at most one leaf. Addresses are not negative. Not
 * thread safe; saved by its owner as a flat list.
 */
final class SegmentMap<S extends Segment<S>> {
    private static final int LEAF_SIZE = 128;

    /** Up to {@link #LEAF_SIZE} segments and, for the search, their starts. */
    private static final class Leaf<S> {
        final long[] starts = new long[LEAF_SIZE];
        final @Nullable Object[] segments = new @Nullable Object[LEAF_SIZE];
        int size;

        @SuppressWarnings("unchecked") // only segments of the map's type are ever put in
        S get(int index) {
            Object segment = segments[index];
            assert segment != null;
            return (S) segment;
        }

        /** The last index whose start is at most {@code address}, or -1. */
        int floor(long address) {
            return floorIndex(starts, size, address);
        }

        void insert(int index, long start, Object segment) {
            System.arraycopy(starts, index, starts, index + 1, size - index);
            System.arraycopy(segments, index, segments, index + 1, size - index);
            starts[index] = start;
            segments[index] = segment;
            size++;
        }

        void delete(int index) {
            size--;
            System.arraycopy(starts, index + 1, starts, index, size - index);
            System.arraycopy(segments, index + 1, segments, index, size - index);
            segments[size] = null;
        }
    }

    private long[] firsts = new long[4];

    @SuppressWarnings({"unchecked", "rawtypes"}) // generic array
    private @Nullable Leaf<S>[] leaves = new @Nullable Leaf[4];

    private int leafCount;
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    void clear() {
        Arrays.fill(leaves, null);
        leafCount = 0;
        size = 0;
    }

    /** The segment that holds an address, or null. */
    @Nullable S find(long address) {
        S found = floor(address);
        return found != null && address < found.end ? found : null;
    }

    /** The segment that holds an address; there must be one. */
    S require(long address) {
        S found = find(address);
        if (found == null) {
            throw new AssertionError("nothing at " + Long.toHexString(address));
        }
        return found;
    }

    /** The last segment that starts at or before an address, or null. */
    @Nullable S floor(long address) {
        int l = floorIndex(firsts, leafCount, address);
        if (l < 0) {
            return null;
        }
        Leaf<S> leaf = leaf(l);
        return leaf.get(leaf.floor(address));
    }

    /** The segment that holds an address, or else the first one above it, or null. */
    @Nullable S atOrAfter(long address) {
        int l = floorIndex(firsts, leafCount, address);
        if (l < 0) {
            return leafCount == 0 ? null : leaf(0).get(0);
        }
        Leaf<S> leaf = leaf(l);
        int i = leaf.floor(address);
        S found = leaf.get(i);
        if (address < found.end) {
            return found;
        }
        if (i + 1 < leaf.size) {
            return leaf.get(i + 1);
        }
        return l + 1 < leafCount ? leaf(l + 1).get(0) : null;
    }

    /** The last segment that starts before an address, or null. */
    @Nullable S before(long address) {
        return address <= 0 ? null : floor(address - 1);
    }

    @Nullable S first() {
        return leafCount == 0 ? null : leaf(0).get(0);
    }

    @Nullable S last() {
        if (leafCount == 0) {
            return null;
        }
        Leaf<S> leaf = leaf(leafCount - 1);
        return leaf.get(leaf.size - 1);
    }

    /** The one behind a segment of this map, or null. */
    @Nullable S next(S segment) {
        return atOrAfter(segment.end);
    }

    /** Adds a segment; its range must be free. */
    void add(S segment) {
        assert segment.start < segment.end : "empty segment";
        size++;
        int l = floorIndex(firsts, leafCount, segment.start);
        if (l < 0) {
            if (leafCount == 0) {
                Leaf<S> leaf = new Leaf<>();
                leaf.insert(0, segment.start, segment);
                insertLeaf(0, leaf);
                return;
            }
            l = 0;
        }
        Leaf<S> leaf = leaf(l);
        if (leaf.size == LEAF_SIZE) {
            splitLeaf(l);
            if (segment.start >= firsts[l + 1]) {
                l++;
            }
            leaf = leaf(l);
        }
        leaf.insert(leaf.floor(segment.start) + 1, segment.start, segment);
        firsts[l] = leaf.starts[0];
    }

    /** Takes out a segment of this map. */
    void remove(S segment) {
        int l = floorIndex(firsts, leafCount, segment.start);
        Leaf<S> leaf = leaf(l);
        int i = leaf.floor(segment.start);
        assert leaf.get(i) == segment : "not in the map";
        leaf.delete(i);
        size--;
        if (leaf.size == 0) {
            leafCount--;
            System.arraycopy(firsts, l + 1, firsts, l, leafCount - l);
            System.arraycopy(leaves, l + 1, leaves, l, leafCount - l);
            leaves[leafCount] = null;
        } else {
            firsts[l] = leaf.starts[0];
        }
    }

    /** Makes sure that no segment reaches across an address. */
    void cut(long address) {
        S found = find(address);
        if (found != null && found.start < address) {
            add(found.splitAt(address));
        }
    }

    private Leaf<S> leaf(int index) {
        Leaf<S> leaf = leaves[index];
        assert leaf != null;
        return leaf;
    }

    private void splitLeaf(int l) {
        Leaf<S> full = leaf(l);
        Leaf<S> upper = new Leaf<>();
        int half = LEAF_SIZE / 2;
        System.arraycopy(full.starts, half, upper.starts, 0, LEAF_SIZE - half);
        System.arraycopy(full.segments, half, upper.segments, 0, LEAF_SIZE - half);
        Arrays.fill(full.segments, half, LEAF_SIZE, null);
        full.size = half;
        upper.size = LEAF_SIZE - half;
        insertLeaf(l + 1, upper);
    }

    private void insertLeaf(int index, Leaf<S> leaf) {
        if (leafCount == firsts.length) {
            firsts = Arrays.copyOf(firsts, leafCount * 2);
            leaves = Arrays.copyOf(leaves, leafCount * 2);
        }
        System.arraycopy(firsts, index, firsts, index + 1, leafCount - index);
        System.arraycopy(leaves, index, leaves, index + 1, leafCount - index);
        firsts[index] = leaf.starts[0];
        leaves[index] = leaf;
        leafCount++;
    }

    private static int floorIndex(long[] sorted, int size, long address) {
        int low = 0;
        int high = size - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] <= address) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }
}
