package dev.runsc.cli.boot;

import dev.runsc.cli.boot.Checkpoints.Wanted;
import dev.runsc.cli.boot.ControlObjects.ControlObject;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.ControlServer.Connection;
import dev.runsc.cli.control.ControlServer.Reply;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;

/**
 * {@code State}: a save for clients without a snapshot store, into two files of theirs. What {@code
 * containerManager.Restore} takes is what those are given.
 */
final class StateMethods implements ControlObject {
    private final Checkpoints checkpoints;

    StateMethods(Checkpoints checkpoints) {
        this.checkpoints = checkpoints;
    }

    @Override
    public Reply handle(String method, ObjectRequest request, Connection connection)
            throws ControlFault, JsonFault {
        if (!method.equals(Methods.STATE_SAVE)) {
            throw ControlObjects.unknown(method);
        }
        save(checkpoints, Wanted.SANDBOX, request);
        return Reply.EMPTY;
    }

    /** Saves into the two files that came with a request. */
    static void save(Checkpoints checkpoints, Wanted wanted, ObjectRequest request)
            throws ControlFault, JsonFault {
        boolean resume = request.is("resume");
        if (request.descriptors().size() != 2) {
            throw new ControlFault(Code.BAD_REQUEST, "a save takes two descriptors");
        }
        try (HostFd graph = request.take("graph");
                HostFd memory = request.take("memory")) {
            Stat first = requireEmptyFile(graph, "graph");
            Stat second = requireEmptyFile(memory, "memory");
            if (first.dev() == second.dev() && first.ino() == second.ino()) {
                throw new ControlFault(Code.BAD_REQUEST, "graph and memory are the same file");
            }
            checkpoints.saveInto(wanted, graph, memory, resume);
        }
    }

    /** Writing to anything else could keep the stopped sandbox waiting, or spoil what is there. */
    private static Stat requireEmptyFile(HostFd fd, String what) throws ControlFault {
        Stat stat;
        int flags;
        try {
            stat = HostFiles.fstat(fd.number());
            flags = HostFiles.fcntl(fd.number(), FcntlCommands.F_GETFL, 0);
        } catch (ErrnoException e) {
            throw new ControlFault(Code.INTERNAL, what + ": " + e.getMessage(), e);
        }
        // What is appended does not go where it is to be found.
        boolean writable =
                (flags & (OpenFlags.O_PATH | OpenFlags.O_APPEND)) == 0
                        && (flags & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY;
        if ((stat.mode() & FileMode.S_IFMT) != FileMode.S_IFREG || stat.size() > 0 || !writable) {
            throw new ControlFault(
                    Code.BAD_REQUEST, "the descriptor of the " + what + " is no empty file");
        }
        return stat;
    }
}
