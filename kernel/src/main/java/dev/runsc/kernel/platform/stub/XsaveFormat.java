package dev.runsc.kernel.platform.stub;

import dev.runsc.kernel.platform.PlatformException;

/**
 * Where the components of an XSAVE area lie: on this machine as CPUID says, in images at the places
 * that Intel's processors use, so that an image fits machines that place them otherwise.
 */
final class XsaveFormat {
    /** All keys but 0 closed for access: Linux init_pkru_value. */
    static final int INITIAL_PROTECTION_KEYS = 0x55555554;

    private static final int PROTECTION_KEYS = 9;
    private static final int FIRST_EXTENDED = 2;

    /**
     * By component: AVX, MPX (2), AVX-512 (3), PT, PKRU, PASID, CET (2), HDC, UINTR, LBR, HWP, AMX
     * (2), APX.
     */
    private static final int[] IMAGE_OFFSETS = {
        0, 0, 576, 960, 1024, 1088, 1152, 1664, 0, 2688, 0, 0, 0, 0, 0, 0, 0, 2752, 2816, 960
    };

    private final int[] offsets;
    private final int[] sizes;
    private final boolean same;

    /** From what CPUID says; zero sizes for components this machine has not. */
    XsaveFormat(int[] offsets, int[] sizes) {
        this.offsets = offsets.clone();
        this.sizes = sizes.clone();
        boolean equal = true;
        for (int i = FIRST_EXTENDED; i < offsets.length; i++) {
            equal &= sizes[i] == 0 || offsets[i] == IMAGE_OFFSETS[i];
        }
        same = equal;
    }

    int protectionKeysOffset() {
        return offsets[PROTECTION_KEYS];
    }

    /** Refuses an area that is too short for what it says it holds. */
    void requireContained(long used, int length) throws PlatformException {
        for (int i = FIRST_EXTENDED; i < offsets.length; i++) {
            if ((used >>> i & 1) != 0 && (long) offsets[i] + sizes[i] > length) {
                throw new PlatformException("an XSAVE area of " + length + " bytes is cut off");
            }
        }
    }

    /** From this machine's form to that of images. */
    byte[] toImage(byte[] area) {
        if (same || area.length <= XsaveArea.SMALLEST) {
            return area;
        }
        int length = XsaveArea.SMALLEST;
        for (int i = FIRST_EXTENDED; i < sizes.length; i++) {
            if (sizes[i] != 0 && offsets[i] + sizes[i] <= area.length) {
                length = Math.max(length, IMAGE_OFFSETS[i] + sizes[i]);
            }
        }
        return moved(area, length, offsets, IMAGE_OFFSETS);
    }

    /** From the form of images to this machine's. */
    byte[] fromImage(byte[] area) throws PlatformException {
        if (same || area.length <= XsaveArea.SMALLEST) {
            return area;
        }
        long used = XsaveArea.inUse(area);
        int length = XsaveArea.SMALLEST;
        for (int i = FIRST_EXTENDED; i < sizes.length; i++) {
            if ((used >>> i & 1) != 0) {
                if (sizes[i] == 0 || IMAGE_OFFSETS[i] + sizes[i] > area.length) {
                    throw new PlatformException("this CPU lacks extended state component " + i);
                }
                length = Math.max(length, offsets[i] + sizes[i]);
            }
        }
        return moved(area, length, IMAGE_OFFSETS, offsets);
    }

    private byte[] moved(byte[] area, int length, int[] from, int[] to) {
        byte[] result = new byte[length];
        System.arraycopy(area, 0, result, 0, XsaveArea.SMALLEST);
        for (int i = FIRST_EXTENDED; i < sizes.length; i++) {
            if (sizes[i] != 0
                    && from[i] != 0
                    && from[i] + sizes[i] <= area.length
                    && to[i] + sizes[i] <= length) {
                System.arraycopy(area, from[i], result, to[i], sizes[i]);
            }
        }
        return result;
    }
}
