package dev.runsc.cli.container;

import java.util.concurrent.atomic.AtomicLong;

/** Processor time of processes of the host. */
public record ProcessTimes(long userNanos, long kernelNanos) {
    /** Fields of /proc/PID/stat (proc(5)): own time, and that of children that were waited for. */
    private static final int USER = 14;

    private static final int KERNEL = 15;
    private static final int CHILD_USER = 16;
    private static final int CHILD_KERNEL = 17;

    /** USER_HZ, which is 100 on every Linux of this processor. */
    private static final long NANOS_PER_TICK = 10_000_000;

    /** Of a process and all below it: a sandbox and the processes that its guests run in. */
    public static ProcessTimes ofTree(int pid) {
        AtomicLong user = new AtomicLong();
        AtomicLong kernel = new AtomicLong();
        ProcessHandle.of(pid)
                .ifPresent(root -> {
                    add(root.pid(), user, kernel);
                    root.descendants().forEach(each -> add(each.pid(), user, kernel));
                });
        return new ProcessTimes(user.get() * NANOS_PER_TICK, kernel.get() * NANOS_PER_TICK);
    }

    private static void add(long pid, AtomicLong user, AtomicLong kernel) {
        String[] fields = ProcessIdentity.statFields((int) pid);
        if (fields.length > CHILD_KERNEL - ProcessIdentity.FIRST_FIELD) {
            user.addAndGet(field(fields, USER) + field(fields, CHILD_USER));
            kernel.addAndGet(field(fields, KERNEL) + field(fields, CHILD_KERNEL));
        }
    }

    private static long field(String[] fields, int number) {
        return Long.parseLong(fields[number - ProcessIdentity.FIRST_FIELD]);
    }
}
