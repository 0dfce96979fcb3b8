package dev.runsc.kernel.task;

import dev.runsc.state.Savable;
import java.util.concurrent.atomic.AtomicLong;

/**
 * CPU time used, nanoseconds, in guest code (user) and in the kernel (system), and what else is
 * counted with it: giving up the CPU, and reading and writing.
 */
public final class CpuTimes implements Savable {
    private final AtomicLong user = new AtomicLong();
    private final AtomicLong system = new AtomicLong();
    private final AtomicLong sleeps = new AtomicLong();
    private final AtomicLong preemptions = new AtomicLong();
    private final AtomicLong readCalls = new AtomicLong();
    private final AtomicLong readBytes = new AtomicLong();
    private final AtomicLong writeCalls = new AtomicLong();
    private final AtomicLong writtenBytes = new AtomicLong();

    public long userNanos() {
        return user.get();
    }

    public long systemNanos() {
        return system.get();
    }

    public long totalNanos() {
        return user.get() + system.get();
    }

    /** How often the CPU was given up to wait. */
    public long sleeps() {
        return sleeps.get();
    }

    /** How often the CPU was shared with others that ran, tick by tick. */
    public long preemptions() {
        return preemptions.get();
    }

    public long readCalls() {
        return readCalls.get();
    }

    public long readBytes() {
        return readBytes.get();
    }

    public long writeCalls() {
        return writeCalls.get();
    }

    public long writtenBytes() {
        return writtenBytes.get();
    }

    /** A call that read, whatever from (add_rchar, inc_syscr). */
    public void countRead(long bytes) {
        readCalls.incrementAndGet();
        readBytes.addAndGet(bytes);
    }

    /** A call that wrote. */
    public void countWrite(long bytes) {
        writeCalls.incrementAndGet();
        writtenBytes.addAndGet(bytes);
    }

    void countSleep() {
        sleeps.incrementAndGet();
    }

    void countPreemption() {
        preemptions.incrementAndGet();
    }

    void addUser(long nanos) {
        user.addAndGet(nanos);
    }

    void addSystem(long nanos) {
        system.addAndGet(nanos);
    }

    /** The sum of both. */
    public CpuTimes plus(CpuTimes other) {
        CpuTimes sum = new CpuTimes();
        sum.add(this);
        sum.add(other);
        return sum;
    }

    void add(CpuTimes other) {
        user.addAndGet(other.user.get());
        system.addAndGet(other.system.get());
        sleeps.addAndGet(other.sleeps.get());
        preemptions.addAndGet(other.preemptions.get());
        readCalls.addAndGet(other.readCalls.get());
        readBytes.addAndGet(other.readBytes.get());
        writeCalls.addAndGet(other.writeCalls.get());
        writtenBytes.addAndGet(other.writtenBytes.get());
    }
}
