package dev.runsc.kernel.task;

import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.kernel.memory.CallSite;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.Register;
import dev.runsc.kernel.platform.stub.SyscallRewriter;
import dev.runsc.kernel.platform.stub.SyscallRewriter.Illegal;
import org.jspecify.annotations.Nullable;

/**
 * A task's dealings with rewritten call sites: has those rewritten that it often comes by, and
 * keeps the guest from ever seeing where they lead. Belongs to the task's own thread; nothing of it
 * is saved.
 */
final class Rewriting {
    /**
     * Calls from one site before it is rewritten: a call costs the host about 2 us more by signal,
     * rewriting about 100 us and a copy of four pages.
     */
    private static final int WORTH_WHILE = 48;

    private static final int COUNTERS = 64;

    private static final int CALL_BYTES = 2;

    private final Task task;
    private final boolean wanted;

    /** The addresses that {@link #counts} are of, by hash; a newcomer takes another's place. */
    private final long[] addresses = new long[COUNTERS];

    private final int[] counts = new int[COUNTERS];

    Rewriting(Task task) {
        this.task = task;
        this.wanted = task.taskSet().host().rewriteCallSites();
    }

    /** The task is about to carry out a call. */
    void atCall(GuestContext context) {
        if (!wanted || context.viaRewrittenSite()) {
            return;
        }
        long behind = context.register(Register.RIP);
        int index = (int) (behind ^ behind >>> 6 ^ behind >>> 12) & (COUNTERS - 1);
        if (addresses[index] != behind) {
            addresses[index] = behind;
            counts[index] = 0;
        }
        if (++counts[index] == WORTH_WHILE && context.gainsFromRewriting()) {
            task.memory().rewriteCallSite(behind, context.register(Register.RAX));
        }
    }

    /** What an exception is; at CALL the registers are as behind the instruction. */
    Illegal explain(GuestContext context) {
        if (context.signal() == SignalNumbers.SIGTRAP) {
            stepIntoCell(context);
        }
        if (context.signal() != SignalNumbers.SIGILL) {
            return Illegal.GUEST;
        }
        long address = context.register(Register.RIP);
        Illegal what = task.memory().classifyIllegal(address);
        if (what == Illegal.CALL) {
            context.setRegister(Register.RIP, address + CALL_BYTES);
            context.setRegister(Register.RCX, address + CALL_BYTES);
            context.setRegister(Register.R11, context.register(Register.EFLAGS));
        }
        return what;
    }

    /** A single step went from a site to its cell: shown as the step over the site's first half. */
    private void stepIntoCell(GuestContext context) {
        CallSite site = siteOf(context);
        if (site != null) {
            context.setRegister(Register.RAX, site.number());
            context.setRegister(Register.RIP, site.call());
        }
    }

    /** A thread stopped in a cell did not do anything yet: it is still to come to the site. */
    void leaveCell(GuestContext context) {
        CallSite site = siteOf(context);
        if (site != null) {
            context.setRegister(Register.RIP, site.address());
        }
    }

    /** Whether a fault that the memory manager has no answer to came from a cell taken away. */
    boolean isOwnFault(GuestContext context, long address) {
        long instruction = context.register(Register.RIP);
        if (!SyscallRewriter.isInRegion(address) && !SyscallRewriter.isInRegion(instruction)) {
            return false;
        }
        long site = task.memory().leaveLostCell(instruction, address);
        if (site < 0) {
            return false;
        }
        context.setRegister(Register.RIP, site);
        return true;
    }

    private @Nullable CallSite siteOf(GuestContext context) {
        long address = context.register(Register.RIP);
        return SyscallRewriter.isInRegion(address) ? task.memory().siteOfCell(address) : null;
    }
}
