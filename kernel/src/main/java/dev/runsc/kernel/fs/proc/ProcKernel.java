package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.host.HostRandom;
import dev.runsc.kernel.task.TaskSet;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.Savable;
import java.util.HexFormat;

/** What all instances of proc in a sandbox show alike. */
final class ProcKernel implements Savable, AfterRestore {
    private final TaskSet tasks;
    private final MachineInfo machine;

    /** /proc/sys/kernel/random/boot_id. Never saved: a restored sandbox is another boot. */
    private transient String bootId = randomId();

    ProcKernel(TaskSet tasks, MachineInfo machine) {
        this.tasks = tasks;
        this.machine = machine;
    }

    /**
     * A random UUID (RFC 9562, version 4). The JDK's own looks for a provider of randomness first,
     * and its text takes variable handles.
     */
    static String randomId() {
        HostRandom random = new HostRandom();
        long high = random.nextLong() & ~0xf000L | 0x4000L;
        long low = random.nextLong() >>> 2 | Long.MIN_VALUE;
        String digits = HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
        return digits.substring(0, 8)
                + "-"
                + digits.substring(8, 12)
                + "-"
                + digits.substring(12, 16)
                + "-"
                + digits.substring(16, 20)
                + "-"
                + digits.substring(20);
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
        bootId = randomId();
    }
}
