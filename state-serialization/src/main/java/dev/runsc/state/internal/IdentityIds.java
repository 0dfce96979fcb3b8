package dev.runsc.state.internal;

import org.jspecify.annotations.Nullable;

/**
 * Maps objects, by identity, to numbers of at least 0. Open addressing with linear probing over two
 * flat arrays: the lookup is most of what a save costs.
 */
@SuppressWarnings("ReferenceEquality") // identity is the point
public final class IdentityIds {
    public static final int ABSENT = -1;

    /** 2^32 divided by the golden ratio: spreads identity hashes, which have few high bits. */
    private static final int SPREAD = 0x9E3779B9;

    private @Nullable Object[] keys;
    private int[] ids;
    private int shift;
    private int size;

    public IdentityIds() {
        this(10);
    }

    private IdentityIds(int bits) {
        keys = new @Nullable Object[1 << bits];
        ids = new int[1 << bits];
        shift = Integer.SIZE - bits;
    }

    /** The number of {@code key}, or {@link #ABSENT}. */
    public int find(Object key) {
        @Nullable Object[] table = keys;
        int mask = table.length - 1;
        for (int at = start(key); ; at = (at + 1) & mask) {
            Object other = table[at];
            if (other == key) {
                return ids[at];
            }
            if (other == null) {
                return ABSENT;
            }
        }
    }

    /** Sets the number of {@code key}, replacing an earlier one. */
    public void put(Object key, int id) {
        if (size >= (keys.length >> 1) + (keys.length >> 3)) {
            grow();
        }
        int mask = keys.length - 1;
        int at = start(key);
        while (keys[at] != null) {
            if (keys[at] == key) {
                ids[at] = id;
                return;
            }
            at = (at + 1) & mask;
        }
        keys[at] = key;
        ids[at] = id;
        size++;
    }

    private int start(Object key) {
        return (System.identityHashCode(key) * SPREAD) >>> shift;
    }

    private void grow() {
        @Nullable Object[] oldKeys = keys;
        int[] oldIds = ids;
        if (oldKeys.length >= 1 << 29) {
            throw new IllegalStateException("too many objects for one image");
        }
        keys = new @Nullable Object[oldKeys.length << 1];
        ids = new int[keys.length];
        shift--;
        int mask = keys.length - 1;
        for (int from = 0; from < oldKeys.length; from++) {
            Object key = oldKeys[from];
            if (key != null) {
                int at = start(key);
                while (keys[at] != null) {
                    at = (at + 1) & mask;
                }
                keys[at] = key;
                ids[at] = oldIds[from];
            }
        }
    }
}
