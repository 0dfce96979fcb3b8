package dev.runsc.cli.launch;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.launch.JvmCommand.Role;
import dev.runsc.cli.launch.RoleProcess.Adoption;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import java.util.ArrayList;
import java.util.List;

/** Starts the process that serves a container's files. It ends when all its sockets are closed. */
final class GoferLauncher {
    private static final int FIRST_SOCKET = 3;

    private final HostFd nothing;
    private final HostFd errors;
    private final HostFd life;
    private final List<String> arguments = new ArrayList<>();
    private final List<HostFd> sockets = new ArrayList<>();

    /**
     * @param life the writing end of a pipe, which the gofer holds open as long as it lives
     */
    GoferLauncher(HostFd nothing, HostFd errors, HostFd life) {
        this.nothing = nothing;
        this.errors = errors;
        this.life = life;
    }

    /** Serves an export on a socket, which stays the caller's. */
    void add(GoferExport export, HostFd socket) {
        int fd = FIRST_SOCKET + sockets.size();
        arguments.add("--socket-fd=" + fd);
        GoferExport.Mounts mounts = export.mounts();
        if (!mounts.areAll()) {
            String what = mounts.recursive() ? "tree" : "top";
            arguments.add("--copy=" + what + "," + mounts.propagation());
        }
        arguments.add("--root-path=" + export.path());
        if (export.readonly()) {
            arguments.add("--read-only");
        }
        sockets.add(socket);
    }

    int start(Adoption adoption) throws ErrnoException, Failure {
        RoleProcess process =
                new RoleProcess(Role.GOFER)
                        .arguments(arguments)
                        .descriptor(0, nothing.number())
                        .descriptor(1, errors.number())
                        .descriptor(2, errors.number());
        for (int i = 0; i < sockets.size(); i++) {
            process.descriptor(FIRST_SOCKET + i, sockets.get(i).number());
        }
        process.descriptor(FIRST_SOCKET + sockets.size(), life.number());
        return process.start(adoption);
    }
}
