package dev.runsc.kernel.fs;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.platform.AddressSpace;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.platform.PlatformException;

/** A platform for tests that run no guest code: it can only import files. */
public final class NoPlatform implements Platform {
    @Override
    public AddressSpace newAddressSpace() throws PlatformException {
        throw new PlatformException("no guests here");
    }

    @Override
    public HostFileMapping importFile(HostFd file) throws PlatformException {
        try {
            HostFd own = file.duplicate();
            return own::close;
        } catch (ErrnoException e) {
            throw new PlatformException("no descriptors left", e);
        }
    }

    @Override
    public int xsaveSize() {
        return 0;
    }

    @Override
    public long xsaveFeatures() {
        return 0;
    }

    @Override
    public void close() {}
}
