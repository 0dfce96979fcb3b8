package dev.runsc.kernel.memory;

import dev.runsc.state.Savable;

/** A half-open range in a {@link SegmentMap}. Only the map changes {@link #start}. */
abstract class Segment<S extends Segment<S>> implements Savable {
    long start;
    long end;

    final long length() {
        return end - start;
    }

    /**
     * Cuts this one at an address inside it: it keeps the lower part, the upper one is returned.
     */
    abstract S splitAt(long at);
}
