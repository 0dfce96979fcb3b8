package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.Membarrier.*;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.task.Task;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** membarrier(2), as Linux kernel/sched/membarrier.c has it. */
final class Barriers {
    private static final int KNOWN =
            MEMBARRIER_CMD_GLOBAL
                    | MEMBARRIER_CMD_GLOBAL_EXPEDITED
                    | MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED
                    | MEMBARRIER_CMD_PRIVATE_EXPEDITED
                    | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED
                    | MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE
                    | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE;

    private static final int ANY = 0;

    private Barriers() {}

    static long membarrier(Task task, Args args) throws ErrnoException {
        int command = args.integer(0);
        if (args.integer(1) != 0) {
            throw Errno.EINVAL.error();
        }
        switch (command) {
            case MEMBARRIER_CMD_QUERY -> {
                return KNOWN;
            }
            case MEMBARRIER_CMD_GLOBAL -> everywhere(task, ANY);
            case MEMBARRIER_CMD_GLOBAL_EXPEDITED ->
                    everywhere(task, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED);
            case MEMBARRIER_CMD_PRIVATE_EXPEDITED ->
                    here(task, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
            case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE ->
                    here(task, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE);
            case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED,
                    MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
                    MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE ->
                    task.memory().registerBarrier(command);
            default -> throw Errno.EINVAL.error();
        }
        return 0;
    }

    private static void here(Task task, int registration) throws ErrnoException {
        if ((task.memory().barriers() & registration) == 0) {
            throw Errno.EPERM.error();
        }
        task.memory().barrier();
    }

    /** Threads that are not in guest code pass a barrier whenever they go back there. */
    private static void everywhere(Task task, int registration) {
        Set<MemoryManager> done = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Task each : task.taskSet().tasks()) {
            MemoryManager memory = each.findMemory();
            if (memory != null
                    && (memory.barriers() & registration) == registration
                    && done.add(memory)) {
                memory.barrier();
            }
        }
    }
}
