package dev.runsc.kernel.task;

import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Charges CPU time by looking at every task each tick (USER_HZ is 100, so one tick is 10 ms), which
 * costs a trap nothing. Sleeps while no task runs.
 */
public final class CpuTicker implements Savable {
    static final long TICK_NANOS = 10_000_000;

    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private final TaskSet taskSet;
    private final LoadAverage load = new LoadAverage();
    private transient volatile @Nullable Thread thread;
    private transient volatile boolean idle;

    CpuTicker(TaskSet taskSet) {
        this.taskSet = taskSet;
    }

    public LoadAverage load() {
        return load;
    }

    /** A task has slept and runs again. */
    void woken(Task task) {
        task.times().countSleep();
        wake();
    }

    /** A task began to run. */
    void wake() {
        Thread ticking = thread;
        if (ticking == null) {
            start();
        } else if (idle) {
            idle = false;
            LockSupport.unpark(ticking);
        }
    }

    private synchronized void start() {
        if (thread == null) {
            Thread ticking = new Thread(this::tick, "cpu-ticker");
            ticking.setDaemon(true);
            thread = ticking;
            ticking.start();
        }
    }

    private void tick() {
        while (true) {
            LockSupport.parkNanos(TICK_NANOS);
            List<Task> running = new ArrayList<>();
            for (Task task : taskSet.tasks()) {
                if (task.chargeTick(TICK_NANOS)) {
                    running.add(task);
                }
            }
            load.count(taskSet.clock().monotonicNanos(), running.size());
            if (running.size() > PROCESSORS) {
                running.forEach(task -> task.times().countPreemption());
            }
            if (running.isEmpty()) {
                idle = true;
                if (noneRuns()) {
                    LockSupport.park();
                    load.count(taskSet.clock().monotonicNanos(), 0);
                }
                idle = false;
            }
        }
    }

    private boolean noneRuns() {
        for (Task task : taskSet.tasks()) {
            if (task.isRunning()) {
                return false;
            }
        }
        return true;
    }
}
