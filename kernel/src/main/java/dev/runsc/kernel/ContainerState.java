package dev.runsc.kernel;

import dev.runsc.kernel.task.Container;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.task.UtsNamespace;
import dev.runsc.kernel.vfs.MountNamespace;
import dev.runsc.state.Savable;

/** One container of the sandbox: its namespaces and its first process. */
final class ContainerState implements Savable {
    final Container container;
    final MountNamespace mounts;
    final UtsNamespace uts;
    final PidNamespace pids;
    final Task init;
    final ThreadGroup process;
    boolean started;

    /** How many processes were exec'd, to name their streams. */
    int execCount;

    ContainerState(
            Container container,
            MountNamespace mounts,
            UtsNamespace uts,
            PidNamespace pids,
            Task init) {
        this.container = container;
        this.mounts = mounts;
        this.uts = uts;
        this.pids = pids;
        this.init = init;
        this.process = init.group();
    }
}
