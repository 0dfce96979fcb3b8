package dev.runsc.kernel;

import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.task.Container;
import dev.runsc.kernel.task.NamespaceSet;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.task.seccomp.SeccompFilter;
import dev.runsc.kernel.vfs.MountNamespace;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One container of the sandbox: its namespaces and its first process. */
final class ContainerState implements Savable {
    final Container container;
    final MountNamespace mounts;

    /** Of its first process; their users number the container, too. */
    final NamespaceSet namespaces;

    /** As configured; a guest that can set another one has the last word. */
    String hostname;

    /** Of its processes' users, and who administers it. */
    final UserNamespace users;

    /** Of the calls of all its processes, those exec'd included; null for none. */
    final @Nullable SeccompFilter filter;

    /** Where memory holds files of its own; null in images from before this was noted. */
    private final @Nullable ArrayList<String> memoryPaths;

    /** Where its configuration has file systems whose files memory holds. */
    List<String> memoryPaths() {
        return memoryPaths == null ? List.of() : memoryPaths;
    }

    final Task init;
    final ThreadGroup process;
    boolean started;

    /** Gives it another name, unless the guest has given it one. */
    void rename(String wanted) {
        if (!wanted.isEmpty() && namespaces.uts().hostname().equals(hostname)) {
            namespaces.uts().setHostname(wanted);
        }
        hostname = wanted.isEmpty() ? hostname : wanted;
    }

    /** What holds for all processes of a container. */
    record Restrictions(UserNamespace users, @Nullable SeccompFilter filter) {}

    Restrictions restrictions() {
        return new Restrictions(users, filter);
    }

    PidNamespace pids() {
        return namespaces.pidsForChildren();
    }

    /** How many processes were exec'd, to name their streams. */
    int execCount;

    ContainerState(
            Container container,
            MountNamespace mounts,
            ArrayList<String> memoryPaths,
            NamespaceSet namespaces,
            String hostname,
            Restrictions restrictions,
            Task init) {
        this.container = container;
        this.mounts = mounts;
        this.memoryPaths = memoryPaths;
        this.namespaces = namespaces;
        this.hostname = hostname;
        this.users = restrictions.users;
        this.filter = restrictions.filter;
        this.init = init;
        this.process = init.group();
    }
}
