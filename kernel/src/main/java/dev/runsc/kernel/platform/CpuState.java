package dev.runsc.kernel.platform;

import dev.runsc.state.Savable;

/**
 * All of a guest thread's CPU state, as an image holds it.
 *
 * @param registers in the order of {@link Register}
 * @param fsBase base of FS
 * @param gsBase base of GS
 * @param xsave the XSAVE area in standard (not compacted) form, without the signal frame's trailer
 */
public record CpuState(long[] registers, long fsBase, long gsBase, byte[] xsave)
        implements Savable {}
