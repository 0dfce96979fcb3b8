package dev.runsc.kernel;

import dev.runsc.kernel.task.Container;
import dev.runsc.kernel.task.NamespaceSet;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.vfs.MountNamespace;
import dev.runsc.state.Savable;

/** One container of the sandbox: its namespaces and its first process. */
final class ContainerState implements Savable {
    final Container container;
    final MountNamespace mounts;

    /** Of its first process; their users number the container, too. */
    final NamespaceSet namespaces;

    final Task init;
    final ThreadGroup process;
    boolean started;

    PidNamespace pids() {
        return namespaces.pidsForChildren();
    }

    /** How many processes were exec'd, to name their streams. */
    int execCount;

    ContainerState(Container container, MountNamespace mounts, NamespaceSet namespaces, Task init) {
        this.container = container;
        this.mounts = mounts;
        this.namespaces = namespaces;
        this.init = init;
        this.process = init.group();
    }
}
