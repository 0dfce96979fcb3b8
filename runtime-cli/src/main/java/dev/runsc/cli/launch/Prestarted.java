package dev.runsc.cli.launch;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.launch.JvmCommand.Role;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.UnixSocket;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JVM that the launcher has started ahead of this command, whose child it is (prestart.c). It
 * waits for a {@link dev.runsc.gofer.host.Handover}, and ends when its socket is closed.
 */
public final class Prestarted {
    /** Pid and socket of the sandbox, pid and socket of the gofer; a pid of 0 for none. */
    private static final String PROPERTY = "runsc.prestarted";

    private static final Map<Role, Prestarted> WAITING = new HashMap<>();

    private final int pid;
    private final UnixSocket socket;

    private Prestarted(int pid, UnixSocket socket) {
        this.pid = pid;
        this.socket = socket;
    }

    /** Marks their sockets as ours; before anybody looks for descriptors of the caller's. */
    public static void claim() throws Failure {
        String property = System.clearProperty(PROPERTY);
        if (property == null) {
            return;
        }
        String[] numbers = property.split(",");
        Role[] roles = {Role.SANDBOX, Role.GOFER};
        for (int i = 0; i < roles.length; i++) {
            int pid = Integer.parseInt(numbers[2 * i]);
            if (pid != 0) {
                HostFd socket = HostFd.own(Integer.parseInt(numbers[2 * i + 1]));
                WAITING.put(roles[i], new Prestarted(pid, new UnixSocket(socket)));
            }
        }
        try {
            for (Prestarted each : WAITING.values()) {
                int fd = each.socket.number();
                HostFiles.fcntl(fd, FcntlCommands.F_SETFD, FcntlCommands.FD_CLOEXEC);
            }
        } catch (ErrnoException e) {
            throw new Failure("processes that were started ahead: " + e.getMessage(), e);
        }
    }

    /** Ends those that nobody has taken. */
    static void endRest() {
        for (Role role : Role.values()) {
            Prestarted rest = take(role);
            if (rest != null) {
                rest.end();
            }
        }
    }

    /** The one for a role, which is the caller's now; null when there is none. */
    static @Nullable Prestarted take(Role role) {
        synchronized (WAITING) {
            return WAITING.remove(role);
        }
    }

    int pid() {
        return pid;
    }

    UnixSocket socket() {
        return socket;
    }

    /** Kills and reaps it. */
    void end() {
        socket.close();
        RoleProcess.end(pid);
    }
}
