package dev.runsc.snapshot.model;

/** How content is proved right when it is read back. */
public enum Verification {
    /**
     * CRC-32C of every chunk's unpacked bytes: finds every accident of disk and software, at no
     * cost.
     */
    CHECKSUM,
    /** The chunk's name, SHA-256, is computed again: proves the bytes are those that were saved. */
    HASH
}
