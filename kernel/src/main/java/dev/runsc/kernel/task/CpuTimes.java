package dev.runsc.kernel.task;

import dev.runsc.state.Savable;
import java.util.concurrent.atomic.AtomicLong;

/** CPU time used, nanoseconds, in guest code (user) and in the kernel (system). */
public final class CpuTimes implements Savable {
    private final AtomicLong user = new AtomicLong();
    private final AtomicLong system = new AtomicLong();

    public long userNanos() {
        return user.get();
    }

    public long systemNanos() {
        return system.get();
    }

    public long totalNanos() {
        return user.get() + system.get();
    }

    void addUser(long nanos) {
        user.addAndGet(nanos);
    }

    void addSystem(long nanos) {
        system.addAndGet(nanos);
    }

    void add(CpuTimes other) {
        user.addAndGet(other.user.get());
        system.addAndGet(other.system.get());
    }
}
