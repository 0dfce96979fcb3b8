package dev.runsc.cli.launch;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.launch.JvmCommand.Role;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.host.Handover;
import dev.runsc.gofer.host.HostProcess;
import dev.runsc.gofer.host.Spawn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A JVM for a sandbox or a gofer, with nothing of the caller's: no environment, no descriptors, a
 * session of its own. It is the one that the launcher has started ahead, if there is one and it
 * will do; else one is started.
 */
public final class RoleProcess {
    private final Role role;
    private final List<String> flags = new ArrayList<>();
    private final List<String> arguments = new ArrayList<>();
    private final Map<Integer, Integer> descriptors = new TreeMap<>();

    RoleProcess(Role role) {
        this.role = role;
    }

    /** A flag for the JVM. One that was started ahead cannot be given any. */
    RoleProcess flag(String flag) {
        flags.add(flag);
        return this;
    }

    RoleProcess arguments(List<String> more) {
        arguments.addAll(more);
        return this;
    }

    /** As {@link Spawn#descriptor}. */
    RoleProcess descriptor(int childFd, int ours) {
        descriptors.put(childFd, ours);
        return this;
    }

    /** What is done with a process before it begins, given its pid: it joins a cgroup. */
    @FunctionalInterface
    public interface Adoption {
        void adopt(int pid) throws Failure;
    }

    /** Returns its pid, which the caller must reap. What fails leaves no process. */
    int start(Adoption adoption) throws ErrnoException, Failure {
        Prestarted ahead = Prestarted.take(role);
        if (ahead != null) {
            boolean good = false;
            try {
                if (flags.isEmpty()) {
                    // Now: it starts processes of its own once it knows what to do.
                    adoption.adopt(ahead.pid());
                    good = hand(ahead);
                }
            } finally {
                if (!good) {
                    ahead.end();
                }
            }
            if (good) {
                return ahead.pid();
            }
        }
        int pid = spawn();
        boolean good = false;
        try {
            adoption.adopt(pid);
            good = true;
            return pid;
        } finally {
            if (!good) {
                end(pid);
            }
        }
    }

    private int spawn() throws ErrnoException {
        List<String> words = JvmCommand.arguments(role, arguments);
        words.addAll(1, flags); // behind the name
        Spawn spawn =
                new Spawn(JvmCommand.program())
                        .arguments(words)
                        .environment(JvmCommand.ENVIRONMENT)
                        .newSession();
        descriptors.forEach(spawn::descriptor);
        return spawn.start();
    }

    /** Kills and reaps a child. */
    static void end(int pid) {
        try {
            HostProcess.kill(pid, SignalNumbers.SIGKILL);
            HostProcess.waitFor(pid);
        } catch (ErrnoException e) {
            // It has ended and was reaped: the wish is fulfilled.
            DebugLog.write("killing " + pid + ": " + e.getMessage());
        }
    }

    private boolean hand(Prestarted ahead) {
        try {
            return Handover.send(ahead.socket(), arguments, descriptors);
        } catch (ErrnoException e) {
            DebugLog.write(role + " that was started ahead: " + e.getMessage());
            return false;
        }
    }
}
