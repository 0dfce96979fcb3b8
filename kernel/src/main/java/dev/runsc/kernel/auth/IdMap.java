package dev.runsc.kernel.auth;

import dev.runsc.state.Savable;

/**
 * How the ids of a user namespace lie in the sandbox's own (Linux {@code struct uid_gid_map}): the
 * ranges of {@code /proc/PID/uid_map}, in the order they were written. Immutable.
 *
 * @param extents the ranges; none overlaps another on either side
 */
public record IdMap(Extent... extents) implements Savable {
    /** No id at all: {@code (uid_t) -1}. */
    public static final int NONE = -1;

    /** UID_GID_MAP_MAX_EXTENTS. */
    public static final int MAX_EXTENTS = 340;

    /** What a namespace has before its map is written. */
    public static final IdMap EMPTY = new IdMap();

    /** Every id is itself: the first namespace's. */
    public static final IdMap IDENTITY = new IdMap(new Extent(0, 0, 0xffff_ffffL));

    /**
     * One range. All numbers are unsigned 32-bit.
     *
     * @param first inside the namespace
     * @param kernelFirst the id of the sandbox it is
     * @param count how many
     */
    public record Extent(long first, long kernelFirst, long count) implements Savable {}

    /** make_kuid: the sandbox's id of one inside, {@link #NONE} without a mapping. */
    public int toKernel(int id) {
        long wanted = Integer.toUnsignedLong(id);
        for (Extent extent : extents) {
            if (wanted >= extent.first && wanted - extent.first < extent.count) {
                return (int) (extent.kernelFirst + (wanted - extent.first));
            }
        }
        return NONE;
    }

    /** from_kuid: the id inside of one of the sandbox's, {@link #NONE} without a mapping. */
    public int fromKernel(int kernelId) {
        long wanted = Integer.toUnsignedLong(kernelId);
        for (Extent extent : extents) {
            if (wanted >= extent.kernelFirst && wanted - extent.kernelFirst < extent.count) {
                return (int) (extent.first + (wanted - extent.kernelFirst));
            }
        }
        return NONE;
    }

    public boolean isEmpty() {
        return extents.length == 0;
    }

    /** The start in the sandbox of a whole range inside, -1 unless one extent holds all of it. */
    public long rangeToKernel(long first, long count) {
        for (Extent extent : extents) {
            if (first >= extent.first
                    && first - extent.first < extent.count
                    && count <= extent.count - (first - extent.first)) {
                return extent.kernelFirst + (first - extent.first);
            }
        }
        return -1;
    }
}
