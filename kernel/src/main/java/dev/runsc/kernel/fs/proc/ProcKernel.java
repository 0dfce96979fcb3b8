package dev.runsc.kernel.fs.proc;

import dev.runsc.kernel.task.TaskSet;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.Savable;
import java.util.UUID;

/** What all instances of proc in a sandbox show alike. */
final class ProcKernel implements Savable, AfterRestore {
    private final TaskSet tasks;
    private final MachineInfo machine;

    /** /proc/sys/kernel/random/boot_id. Never saved: a restored sandbox is another boot. */
    private transient String bootId = UUID.randomUUID().toString();

    ProcKernel(TaskSet tasks, MachineInfo machine) {
        this.tasks = tasks;
        this.machine = machine;
    }

    TaskSet tasks() {
        return tasks;
    }

    MachineInfo machine() {
        return machine;
    }

    String bootId() {
        return bootId;
    }

    @Override
    public void afterRestore(RestoreContext context) {
        bootId = UUID.randomUUID().toString();
    }
}
