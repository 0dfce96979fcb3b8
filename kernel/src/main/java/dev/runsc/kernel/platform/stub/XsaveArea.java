package dev.runsc.kernel.platform.stub;

import dev.runsc.kernel.platform.PlatformException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

    private final ByteBuffer area;
    private final long features;

    private XsaveArea(ByteBuffer area, long features) {
        this.area = area;
        this.features = features;
    }

    /**
     * Finds the area of a frame. All of the frame may be the guest's invention.
     *
     * @param slot the slot that the frame must lie in
     * @param slotAddress where the guest has it
     * @param frame offset of the frame's ucontext in the slot
     * @return null when it is not as the host makes them
     */
    static @Nullable XsaveArea find(ByteBuffer slot, long slotAddress, int frame) {
        long offset = slot.getLong(frame + SignalFrame.FPSTATE) - slotAddress;
        if (offset < SlotLayout.SLOT_STACK
                || offset > StubLayout.STUB_SLOT_SIZE - LEGACY_SIZE
                || (offset & (ALIGNMENT - 1)) != 0) {
            return null;
        }
        int start = (int) offset;
        if (slot.getInt(start + SignalFrame.XSAVE_SOFTWARE) != SignalFrame.FP_XSTATE_MAGIC1) {
            return new XsaveArea(part(slot, start, LEGACY_SIZE), LEGACY);
        }
        int size = slot.getInt(start + SignalFrame.XSAVE_STATE_SIZE);
        if (size < SMALLEST || size > StubLayout.STUB_SLOT_SIZE - start - Integer.BYTES) {
            return null;
        }
        long features = slot.getLong(start + SignalFrame.XSAVE_FEATURES);
        return new XsaveArea(part(slot, start, size), features);
    }

    private static ByteBuffer part(ByteBuffer buffer, int start, int size) {
        return buffer.slice(start, size).order(ByteOrder.nativeOrder());
    }

    /** The components that the area has room for. */
    long features() {
        return features;
    }

    /** A copy, with zeros for the host's notes. */
    byte[] read() {
        byte[] copy = new byte[area.capacity()];
        area.get(0, copy);
        int notes = SignalFrame.XSAVE_SOFTWARE;
        Arrays.fill(copy, notes, notes + SignalFrame.XSAVE_SOFTWARE_SIZE, (byte) 0);
        return copy;
    }

    /** The components that are not in their initial state in a copy of an area. */
    static long inUse(byte[] copy) {
        return copy.length < SMALLEST ? LEGACY : in(copy).getLong(XSTATE_BV);
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
        ByteBuffer source = in(state);
        checkHeader(source);
        format.requireContained(used, state.length);
        int mask = area.getInt(MXCSR_MASK_OFFSET);
        int mxcsr = source.getInt(MXCSR_OFFSET);
        if ((mxcsr & ~(mask == 0 ? DEFAULT_MXCSR_MASK : mask)) != 0) {
            throw new PlatformException("reserved bits set in MXCSR 0x%x".formatted(mxcsr));
        }
        area.put(0, state, 0, MXCSR_MASK_OFFSET);
        int behindMask = MXCSR_MASK_OFFSET + Integer.BYTES;
        area.put(behindMask, state, behindMask, SignalFrame.XSAVE_SOFTWARE - behindMask);
        if (area.capacity() >= SMALLEST) {
            clear(XSTATE_BV, area.capacity());
            area.put(
                    XSTATE_BV,
                    state,
                    XSTATE_BV,
                    Math.min(state.length, area.capacity()) - XSTATE_BV);
            area.putLong(XSTATE_BV, used);
        }
    }

    private void clear(int from, int to) {
        area.put(from, new byte[to - from]);
    }

    private static ByteBuffer in(byte[] copy) {
        return ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder());
    }

    /** Beyond XSTATE_BV the header must be zero in standard form, or XRSTOR faults. */
    private static void checkHeader(ByteBuffer source) throws PlatformException {
        for (int i = XSTATE_BV + Long.BYTES;
                i < SMALLEST && i < source.capacity();
                i += Long.BYTES) {
            if (source.getLong(i) != 0) {
                throw new PlatformException("not an XSAVE area in standard form");
            }
        }
    }

    /** The state that a new program sees, which Linux keeps in init_fpstate and init_pkru_value. */
    void reset(XsaveFormat format) {
        int mask = area.getInt(MXCSR_MASK_OFFSET);
        clear(0, SignalFrame.XSAVE_SOFTWARE);
        area.putShort(FCW_OFFSET, INITIAL_FCW);
        area.putInt(MXCSR_OFFSET, INITIAL_MXCSR);
        area.putInt(MXCSR_MASK_OFFSET, mask);
        if (area.capacity() >= SMALLEST) {
            clear(XSTATE_BV, area.capacity());
            if ((features & PROTECTION_KEYS) != 0) {
                area.putLong(XSTATE_BV, PROTECTION_KEYS);
                area.putInt(format.protectionKeysOffset(), XsaveFormat.INITIAL_PROTECTION_KEYS);
            }
        }
    }
}
