package dev.runsc.kernel.platform.stub;

import dev.runsc.kernel.platform.PlatformException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The extended state in a signal frame: an XSAVE area in standard form (Intel SDM volume 1, chapter
 * 13) with the host's notes in its software bytes. The host restores from it at sigreturn, so what
 * is written here is checked as the CPU would.
 */
final class XsaveArea {
    /** x87 and SSE, which the first 512 bytes hold. */
    static final long LEGACY = 3;

    /** Tile configuration and tile data: present in frames only once the thread has used tiles. */
    static final long AMX = 1L << 17 | 1L << 18;

    static final int LEGACY_SIZE = 512;
    static final int SMALLEST = LEGACY_SIZE + SignalFrame.XSAVE_HEADER_SIZE;

    private static final long PROTECTION_KEYS = 1L << 9;
    private static final int FCW_OFFSET = 0;
    private static final int MXCSR_OFFSET = 24;
    private static final int MXCSR_MASK_OFFSET = 28;
    private static final int DEFAULT_MXCSR_MASK = 0xffbf;
    private static final short INITIAL_FCW = 0x37f;
    private static final int INITIAL_MXCSR = 0x1f80;
    private static final int XSTATE_BV = LEGACY_SIZE;
    private static final int ALIGNMENT = 64;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    private final MemorySegment area;
    private final long features;

    private XsaveArea(MemorySegment area, long features) {
        this.area = area;
        this.features = features;
    }

    /**
     * Finds the area of a frame. All of the frame may be the guest's invention.
     *
     * @param slot offset of the slot that the frame must lie in
     * @return null when it is not as the host makes them
     */
    static @Nullable XsaveArea find(MemorySegment memory, long slot, long slotAddress, long frame) {
        long offset = memory.get(LONG, frame + SignalFrame.FPSTATE) - slotAddress;
        if (offset < SlotLayout.SLOT_STACK
                || offset > StubLayout.STUB_SLOT_SIZE - LEGACY_SIZE
                || (offset & (ALIGNMENT - 1)) != 0) {
            return null;
        }
        long start = slot + offset;
        if (memory.get(INT, start + SignalFrame.XSAVE_SOFTWARE) != SignalFrame.FP_XSTATE_MAGIC1) {
            return new XsaveArea(memory.asSlice(start, LEGACY_SIZE), LEGACY);
        }
        int size = memory.get(INT, start + SignalFrame.XSAVE_STATE_SIZE);
        if (size < SMALLEST || size > StubLayout.STUB_SLOT_SIZE - offset - Integer.BYTES) {
            return null;
        }
        long features = memory.get(LONG, start + SignalFrame.XSAVE_FEATURES);
        return new XsaveArea(memory.asSlice(start, size), features);
    }

    /** The components that the area has room for. */
    long features() {
        return features;
    }

    /** A copy, with zeros for the host's notes. */
    byte[] read() {
        byte[] copy = area.toArray(ValueLayout.JAVA_BYTE);
        int notes = (int) SignalFrame.XSAVE_SOFTWARE;
        Arrays.fill(copy, notes, notes + SignalFrame.XSAVE_SOFTWARE_SIZE, (byte) 0);
        return copy;
    }

    /** The components that are not in their initial state in a copy of an area. */
    static long inUse(byte[] copy) {
        return copy.length < SMALLEST ? LEGACY : MemorySegment.ofArray(copy).get(LONG, XSTATE_BV);
    }

    /**
     * Replaces the area.
     *
     * @throws PlatformException when the CPU would refuse it or lacks a component
     */
    void write(byte[] state, XsaveFormat format) throws PlatformException {
        if (state.length < LEGACY_SIZE || state.length > LEGACY_SIZE && state.length < SMALLEST) {
            throw new PlatformException("an XSAVE area of " + state.length + " bytes");
        }
        long used = inUse(state);
        if ((used & ~features) != 0) {
            throw new PlatformException(
                    "this CPU lacks extended state components 0x%x".formatted(used & ~features));
        }
        MemorySegment source = MemorySegment.ofArray(state);
        checkHeader(source);
        format.requireContained(used, state.length);
        int mask = area.get(INT, MXCSR_MASK_OFFSET);
        int mxcsr = source.get(INT, MXCSR_OFFSET);
        if ((mxcsr & ~(mask == 0 ? DEFAULT_MXCSR_MASK : mask)) != 0) {
            throw new PlatformException("reserved bits set in MXCSR 0x%x".formatted(mxcsr));
        }
        long notes = SignalFrame.XSAVE_SOFTWARE;
        MemorySegment.copy(source, 0, area, 0, MXCSR_MASK_OFFSET);
        long behindMask = MXCSR_MASK_OFFSET + Integer.BYTES;
        MemorySegment.copy(source, behindMask, area, behindMask, notes - behindMask);
        if (area.byteSize() >= SMALLEST) {
            area.asSlice(XSTATE_BV).fill((byte) 0);
            long common = Math.min(state.length, area.byteSize()) - XSTATE_BV;
            MemorySegment.copy(source, XSTATE_BV, area, XSTATE_BV, common);
            area.set(LONG, XSTATE_BV, used);
        }
    }

    /** Beyond XSTATE_BV the header must be zero in standard form, or XRSTOR faults. */
    private static void checkHeader(MemorySegment source) throws PlatformException {
        for (long i = XSTATE_BV + Long.BYTES;
                i < SMALLEST && i < source.byteSize();
                i += Long.BYTES) {
            if (source.get(LONG, i) != 0) {
                throw new PlatformException("not an XSAVE area in standard form");
            }
        }
    }

    /** The state that a new program sees, which Linux keeps in init_fpstate and init_pkru_value. */
    void reset(XsaveFormat format) {
        int mask = area.get(INT, MXCSR_MASK_OFFSET);
        area.asSlice(0, SignalFrame.XSAVE_SOFTWARE).fill((byte) 0);
        area.set(SHORT, FCW_OFFSET, INITIAL_FCW);
        area.set(INT, MXCSR_OFFSET, INITIAL_MXCSR);
        area.set(INT, MXCSR_MASK_OFFSET, mask);
        if (area.byteSize() >= SMALLEST) {
            area.asSlice(XSTATE_BV).fill((byte) 0);
            if ((features & PROTECTION_KEYS) != 0) {
                area.set(LONG, XSTATE_BV, PROTECTION_KEYS);
                area.set(INT, format.protectionKeysOffset(), XsaveFormat.INITIAL_PROTECTION_KEYS);
            }
        }
    }
}
