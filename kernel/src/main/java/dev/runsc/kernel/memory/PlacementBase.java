package dev.runsc.kernel.memory;

import dev.runsc.kernel.platform.Platform;
import dev.runsc.state.Savable;

/**
 * Where mmap looks for room (Linux {@code mm->mmap_base}, arch/x86/mm/mmap.c).
 *
 * @param address the top, going down; or the bottom, going up
 * @param topDown the direction
 */
public record PlacementBase(long address, boolean topDown) implements Savable {
    private static final int RANDOM_BITS = 28;
    private static final long MIN_STACK_GAP = 128L << 20;
    private static final long STACK_RANDOM_BYTES = 16L << 30;
    private static final long GUARD_GAP = 256L * Platform.PAGE_SIZE;

    /**
     * The layout of a new program.
     *
     * @param random 64 fresh random bits
     * @param stackLimitBytes RLIMIT_STACK; without one the layout is bottom-up, as on Linux
     */
    public static PlacementBase forProgram(long random, long stackLimitBytes) {
        long shift = (random & (1L << RANDOM_BITS) - 1) * Platform.PAGE_SIZE;
        long end = Platform.MAX_USER_ADDRESS;
        if (stackLimitBytes == MemoryLimits.UNLIMITED) {
            return new PlacementBase(Addresses.pageUp(end / 3) + shift, false);
        }
        long wanted = stackLimitBytes + STACK_RANDOM_BYTES + GUARD_GAP;
        long most = end / 6 * 5;
        long gap = Long.compareUnsigned(stackLimitBytes, most) > 0 ? most : wanted;
        gap = Math.clamp(gap, MIN_STACK_GAP, most);
        return new PlacementBase(Addresses.pageUp(end - gap - shift), true);
    }
}
