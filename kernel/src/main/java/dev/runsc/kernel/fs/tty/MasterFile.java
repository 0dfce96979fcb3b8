package dev.runsc.kernel.fs.tty;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Location;

/** The master's end: the one who types and sees. */
final class MasterFile extends TerminalFile {
    /** The root of the devpts mount, where the replica is found. */
    private final Location devices;

    MasterFile(Terminal terminal, Location location, Location devices, int flags) {
        super(terminal, location, flags);
        this.devices = devices;
    }

    Location devices() {
        return devices;
    }

    @Override
    WaitQueue queue() {
        return terminal().masterQueue();
    }

    @Override
    public long read(Caller caller, UserBuffer target) throws ErrnoException {
        return target.remaining() == 0 ? 0 : terminal().readMaster(target);
    }

    @Override
    public long write(Caller caller, UserBuffer source) throws ErrnoException {
        return source.remaining() == 0 ? 0 : terminal().writeMaster(source);
    }

    @Override
    public int readiness() {
        return terminal().masterReadiness();
    }

    @Override
    public long ioctl(Caller caller, MemoryManager memory, int request, long argument)
            throws ErrnoException {
        return new MasterRequests(this, caller, memory).run(request, argument);
    }

    @Override
    protected void closed() {
        terminal().closeMaster();
    }
}
