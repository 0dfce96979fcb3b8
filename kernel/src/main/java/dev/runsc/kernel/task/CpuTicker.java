package dev.runsc.kernel.task;

import dev.runsc.state.Savable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Charges CPU time by looking at every task each tick (USER_HZ is 100, so one tick is 10 ms), which
 * costs a trap nothing. Sleeps while no task runs.
 */
public final class CpuTicker implements Savable {
    static final long TICK_NANOS = 10_000_000;

    private final TaskSet taskSet;
    private transient volatile @Nullable Thread thread;
    private transient volatile boolean idle;

    CpuTicker(TaskSet taskSet) {
        this.taskSet = taskSet;
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
            boolean any = false;
            for (Task task : taskSet.tasks()) {
                any |= task.chargeTick(TICK_NANOS);
            }
            if (!any) {
                idle = true;
                if (noneRuns()) {
                    LockSupport.park();
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
