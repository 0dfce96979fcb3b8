package dev.runsc.kernel.task;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.memory.MemoryManager;

/** Who may look into whom: ptrace(2), "Ptrace access mode checking". */
public final class PtraceAccess {
    private PtraceAccess() {}

    /** PTRACE_MODE_REALCREDS: ptrace(2), process_vm_readv(2). */
    public static boolean allowsReal(Task self, Task target) {
        Credentials who = self.credentials();
        return self.group() == target.group()
                || allows(who, who.uid(), who.gid(), who.permitted(), target);
    }

    /** PTRACE_MODE_FSCREDS: /proc. */
    public static boolean allowsFile(Task self, Credentials who, Task target) {
        return self.group() == target.group()
                || allows(who, who.fsUid(), who.fsGid(), who.effective(), target);
    }

    private static boolean allows(
            Credentials who, int uid, int gid, long capabilities, Task target) {
        Credentials whom = target.credentials();
        if (who.hasIn(whom.namespace(), Capabilities.CAP_SYS_PTRACE)) {
            return true;
        }
        MemoryManager memory = target.findMemory();
        return uid == whom.uid()
                && uid == whom.effectiveUid()
                && uid == whom.savedUid()
                && gid == whom.gid()
                && gid == whom.effectiveGid()
                && gid == whom.savedGid()
                && (memory == null || memory.isDumpable())
                && who.namespace() == whom.namespace()
                && (whom.permitted() & ~capabilities) == 0;
    }

    /** PTRACE_TRACEME: the parent gains power over the child (cap_ptrace_traceme). */
    static boolean allowsParent(Task parent, Task child) {
        Credentials who = parent.credentials();
        Credentials whom = child.credentials();
        return who.hasIn(whom.namespace(), Capabilities.CAP_SYS_PTRACE)
                || who.namespace() == whom.namespace()
                        && (whom.permitted() & ~who.permitted()) == 0;
    }
}
