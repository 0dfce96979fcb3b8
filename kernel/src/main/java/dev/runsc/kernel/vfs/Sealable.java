package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.ErrnoException;

/** An inode that takes seals (fcntl F_ADD_SEALS; memfd_create(2)). */
public interface Sealable {
    /** {@code F_SEAL_*} bits. */
    int seals();

    /**
     * Adds seals. EPERM when sealing is sealed, EBUSY when a writable mapping is in the way of
     * F_SEAL_WRITE.
     */
    void addSeals(int seals) throws ErrnoException;
}
