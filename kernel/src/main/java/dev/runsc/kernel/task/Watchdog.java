package dev.runsc.kernel.task;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Looks for tasks that stay in the kernel: neither in guest code, nor asleep where a signal would
 * reach them, nor parked. A task is stuck when it makes no step between two looks that are the
 * limit apart; it is told once. Nothing of it is saved.
 *
 * <p>Tasks do not note times for it, which would cost every system call: their step counts are
 * compared between looks.
 */
public final class Watchdog {
    /** Few, lest an idle sandbox be woken for nothing. */
    private static final int LOOKS_PER_LIMIT = 4;

    /**
     * A task that is stuck.
     *
     * @param tid as the sandbox's first PID namespace has it
     * @param name of its program
     * @param seconds for how long at least
     * @param stack where its thread is
     */
    public record Stuck(int tid, String name, long seconds, List<StackTraceElement> stack) {}

    private record Seen(long steps, long sinceNanos, boolean told) {}

    private final TaskSet taskSet;
    private final long limitNanos;
    private final long intervalMillis;
    private final Consumer<Stuck> report;

    /** Only for the watching thread. */
    private final Map<Task, Seen> seen = new HashMap<>();

    private final CountDownLatch stopped = new CountDownLatch(1);

    /**
     * Watches with a few looks in the time that a task may take.
     *
     * @param limitMillis how long a task may take
     * @param report called on the watching thread
     */
    public Watchdog(TaskSet taskSet, long limitMillis, Consumer<Stuck> report) {
        this(taskSet, limitMillis, Math.max(1, limitMillis / LOOKS_PER_LIMIT), report);
    }

    Watchdog(TaskSet taskSet, long limitMillis, long intervalMillis, Consumer<Stuck> report) {
        this.taskSet = taskSet;
        this.limitNanos = limitMillis * 1_000_000;
        this.intervalMillis = intervalMillis;
        this.report = report;
    }

    /** Begins to watch, until {@link #stop}. */
    public void start() {
        Thread.ofPlatform().daemon().name("watchdog").start(this::watch);
    }

    /** Watches no longer. */
    public void stop() {
        stopped.countDown();
    }

    private void watch() {
        try {
            while (!stopped.await(intervalMillis, TimeUnit.MILLISECONDS)) {
                look(System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One look at all tasks. */
    void look(long nowNanos) {
        List<Task> tasks = taskSet.tasks();
        seen.keySet().retainAll(tasks);
        List<Stuck> found = new ArrayList<>();
        for (Task task : tasks) {
            if (task.mode() != Task.Mode.KERNEL) {
                seen.remove(task);
                continue;
            }
            long steps = task.steps();
            Seen before = seen.get(task);
            if (before == null || before.steps != steps) {
                seen.put(task, new Seen(steps, nowNanos, false));
            } else if (!before.told && nowNanos - before.sinceNanos >= limitNanos) {
                seen.put(task, new Seen(steps, before.sinceNanos, true));
                found.add(describe(task, nowNanos - before.sinceNanos));
            }
        }
        found.forEach(report);
    }

    private static Stuck describe(Task task, long nanos) {
        Thread running = task.thread();
        List<StackTraceElement> stack =
                running == null ? List.of() : List.of(running.getStackTrace());
        return new Stuck(task.numbers().ids()[0], task.name(), nanos / 1_000_000_000, stack);
    }
}
