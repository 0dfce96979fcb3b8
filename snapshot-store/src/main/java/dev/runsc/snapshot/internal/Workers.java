package dev.runsc.snapshot.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Runs one piece of work on several threads, the caller's among them; none outlives the call. */
public final class Workers {
    /** More threads than this only wait for memory and disk. */
    private static final int MAX_THREADS = 8;

    private Workers() {}

    /** What each thread does; it ends early when {@link Run#failed} says so. */
    @FunctionalInterface
    public interface Task {
        void run(Run run) throws IOException;
    }

    /** One common effort. */
    public static final class Run {
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

        private Run() {}

        /** True once any of the threads has failed. */
        public boolean failed() {
            return failure.get() != null;
        }

        private void attempt(Task task) {
            try {
                task.run(this);
            } catch (Throwable e) {
                failure.compareAndSet(null, e);
            }
        }
    }

    /** How many threads to use for so many pieces of work. */
    public static int threadsFor(long pieces) {
        long useful = Math.min(Runtime.getRuntime().availableProcessors(), (pieces + 3) / 4);
        return (int) Math.max(1, Math.min(useful, MAX_THREADS));
    }

    /** Runs the task so many times at once and waits for all; throws the first failure. */
    public static void run(int threads, String name, Task task) throws IOException {
        Run run = new Run();
        List<Thread> helpers = new ArrayList<>();
        for (int i = 1; i < threads; i++) {
            helpers.add(Thread.ofPlatform().daemon().name(name, i).start(() -> run.attempt(task)));
        }
        run.attempt(task);
        boolean interrupted = false;
        for (Thread helper : helpers) {
            // The helpers use buffers and native objects of the caller: never leave them behind.
            while (helper.isAlive()) {
                try {
                    helper.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        Throwable failure = run.failure.get();
        switch (failure) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError(failure);
        }
    }
}
