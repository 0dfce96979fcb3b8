package dev.runsc.kernel.fs.tty;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Ioctls;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.OpenRequest;
import dev.runsc.kernel.vfs.Opener;
import dev.runsc.kernel.vfs.PathWalk;

/** The requests that only a master answers (pty_unix98_ioctl). */
record MasterRequests(MasterFile file, Caller caller, MemoryManager memory) {
    long run(int request, long argument) throws ErrnoException {
        Terminal terminal = file.terminal();
        switch (request) {
            case (int) Ioctls.TIOCGPTN -> memory.writeInt(argument, terminal.index());
            case Ioctls.TIOCSPTLCK -> terminal.setLocked(memory.readInt(argument) != 0);
            case (int) Ioctls.TIOCGPTLCK -> memory.writeInt(argument, terminal.isLocked() ? 1 : 0);
            case Ioctls.TIOCPKT -> terminal.setPackets(memory.readInt(argument) != 0);
            case (int) Ioctls.TIOCGPKT -> memory.writeInt(argument, terminal.hasPackets() ? 1 : 0);
            case Ioctls.TIOCSIG -> signal((int) argument);
            case Ioctls.TIOCGPTPEER -> {
                return openPeer((int) argument);
            }
            case Ioctls.FIONREAD -> memory.writeInt(argument, terminal.outputSize());
            default -> {
                return new Requests(terminal, caller, memory, file.isReadable(), true)
                        .run(request, argument);
            }
        }
        return 0;
    }

    private void signal(int signal) throws ErrnoException {
        for (int typed : JobControl.TYPED) {
            if (typed == signal) {
                file.terminal().jobControl().signalForeground(signal);
                return;
            }
        }
        throw Errno.EINVAL.error();
    }

    /** Opens the replica without going by its path, which others may not see. */
    private long openPeer(int flags) throws ErrnoException {
        Location replica =
                PathWalk.find(caller, file.devices(), String.valueOf(file.terminal().index()), 0);
        FileDescription opened = Opener.open(caller, replica, OpenRequest.of(flags, 0));
        try {
            return caller.files().install(caller, opened, (flags & OpenFlags.O_CLOEXEC) != 0);
        } catch (ErrnoException full) {
            opened.release();
            throw full;
        }
    }
}
