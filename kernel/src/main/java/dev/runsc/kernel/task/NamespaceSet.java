package dev.runsc.kernel.task;

import dev.runsc.kernel.cgroup.CgroupNamespace;
import dev.runsc.kernel.ipc.IpcNamespace;
import dev.runsc.state.Savable;

/**
 * The namespaces of a task that its credentials, its numbers and its root do not tell (Linux {@code
 * struct nsproxy}). Immutable; changes make a new one.
 *
 * @param ipc counts the task among its users
 * @param pidsForChildren where children get their numbers
 * @param cgroups what it takes for the roots of control groups
 */
public record NamespaceSet(
        UtsNamespace uts, IpcNamespace ipc, PidNamespace pidsForChildren, CgroupNamespace cgroups)
        implements Savable {
    public NamespaceSet withUts(UtsNamespace changed) {
        return new NamespaceSet(changed, ipc, pidsForChildren, cgroups);
    }

    public NamespaceSet withIpc(IpcNamespace changed) {
        return new NamespaceSet(uts, changed, pidsForChildren, cgroups);
    }

    public NamespaceSet withPidsForChildren(PidNamespace changed) {
        return new NamespaceSet(uts, ipc, changed, cgroups);
    }

    public NamespaceSet withCgroups(CgroupNamespace changed) {
        return new NamespaceSet(uts, ipc, pidsForChildren, changed);
    }

    /** One task more has them. */
    public NamespaceSet retained() {
        ipc.retain();
        return this;
    }

    /** A task has them no longer. */
    public void release() {
        ipc.release();
    }
}
