package dev.runsc.kernel.platform;

import dev.runsc.gofer.host.HostFd;

/**
 * Where guest code runs: makes address spaces and runs threads in them, and knows nothing of Linux
 * policy. One per sandbox.
 */
public interface Platform extends AutoCloseable {
    /** Bytes in a page. */
    int PAGE_SIZE = 4096;

    /**
     * First address that no guest area may reach; the same on every machine and in every release,
     * so that an image restores anywhere. Everything of the platform's own lies above it.
     */
    long MAX_USER_ADDRESS = 0x7fe0_0000_0000L;

    /** Makes an empty address space. */
    AddressSpace newAddressSpace() throws PlatformException;

    /**
     * Makes a host file mappable ({@link AddressSpace#mapHostFile}). The descriptor may be closed
     * by the caller afterwards.
     */
    HostFileMapping importFile(HostFd file) throws PlatformException;

    /** A host file that address spaces can map. */
    interface HostFileMapping extends AutoCloseable {
        /** Gives the file back; areas already mapped stay. */
        @Override
        void close();
    }

    /**
     * Bytes of an extended CPU state image (XSAVE area) on this machine, without signal-frame
     * trailer.
     */
    int xsaveSize();

    /**
     * The XCR0 feature mask of this machine, as in an XSAVE header and in the signal frame's {@code
     * fpx_sw_bytes}.
     */
    long xsaveFeatures();

    /** Ends every guest process at once and frees all host resources. */
    @Override
    void close();
}
