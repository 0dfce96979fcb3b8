package dev.runsc.kernel.task;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.runsc.kernel.platform.CpuState;
import dev.runsc.kernel.task.Task.Mode;
import dev.runsc.kernel.time.Timekeeper;
import dev.runsc.kernel.time.TimerQueue;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is called stuck, and when. */
class WatchdogTest {
    private static final long LIMIT_MILLIS = 100;
    private static final long SECOND = 1_000_000_000;

    private final List<Watchdog.Stuck> told = new ArrayList<>();
    private final TaskSet tasks = tasks();
    private final Task task = task(tasks);
    private final Watchdog watchdog = new Watchdog(tasks, LIMIT_MILLIS, LIMIT_MILLIS, told::add);

    private static TaskSet tasks() {
        Timekeeper clock = new Timekeeper();
        return new TaskSet(clock, new TimerQueue(clock));
    }

    @SuppressWarnings("NullAway") // a task that is only looked at needs nothing
    private static Task task(TaskSet tasks) {
        CpuState state = new CpuState(new long[0], 0, 0, new byte[0]);
        Task made =
                new Task(
                        new Task.Parts(
                                tasks,
                                null,
                                null,
                                null,
                                null,
                                null,
                                tasks.cgroups().first(),
                                "slow",
                                state));
        tasks.lock().lock();
        try {
            made.join(null, tasks.rootNamespace().register(made));
            tasks.addLocked(made);
        } catch (dev.runsc.gofer.abi.ErrnoException e) {
            throw new AssertionError(e);
        } finally {
            tasks.lock().unlock();
        }
        return made;
    }

    @Test
    void tellsOnceOfATaskThatStaysInTheKernel() {
        task.setMode(Mode.KERNEL);
        watchdog.look(0);
        watchdog.look(SECOND / 100);
        assertEquals(List.of(), told, "not before the limit");
        watchdog.look(5 * SECOND);
        watchdog.look(9 * SECOND);
        assertEquals(1, told.size(), "once");
        assertEquals("slow", told.getFirst().name());
        assertEquals(5, told.getFirst().seconds());
    }

    @Test
    void aTaskThatTakesStepsIsNotStuck() {
        for (int second = 0; second < 10; second++) {
            task.setMode(Mode.KERNEL);
            watchdog.look(second * SECOND);
            task.setMode(Mode.GUEST);
        }
        assertEquals(List.of(), told);
    }

    @Test
    void aTaskThatSleepsOrRunsItsProgramIsNotStuck() {
        for (Mode mode : List.of(Mode.SLEEPING, Mode.GUEST, Mode.PARKED)) {
            task.setMode(mode);
            watchdog.look(0);
            watchdog.look(9 * SECOND);
        }
        assertEquals(List.of(), told);
    }

    @Test
    void looksByItself() throws InterruptedException {
        var found = new java.util.concurrent.LinkedBlockingQueue<Watchdog.Stuck>();
        Watchdog own = new Watchdog(tasks, 1, 1, found::add);
        task.setMode(Mode.KERNEL);
        own.start();
        assertEquals("slow", found.take().name());
        own.stop();
    }
}
