package dev.runsc.restore;

import java.util.Locale;

/** The ways in which a guest test is run from its one source. */
enum GuestMode {
    /** On Linux itself, which is the oracle. */
    NATIVE,
    /** In a sandbox from beginning to end. */
    SANDBOX,
    /** Saved at its checkpoint, ended, and restored in another sandbox. */
    RESTORE,
    /** Saved at its checkpoint and left running. */
    RESUME,
    /** Saved and restored at moments that have nothing to do with what it does. */
    MOMENTS;

    /** As known-gaps.txt and {@code -Dmodes} call it. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static GuestMode of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
