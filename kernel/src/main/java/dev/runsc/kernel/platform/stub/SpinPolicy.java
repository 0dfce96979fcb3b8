package dev.runsc.kernel.platform.stub;

/**
 * How long the two sides of one guest thread spin for each other before they sleep. Learned from
 * how it went: whether a spin pays depends on idle CPUs, on how long the guest computes and on how
 * long its calls take, and all of that shows in one thing, whether the other side came in time.
 *
 * <p>A side that had to sleep twice in a row although it spun stops spinning. As long as one side
 * does not, both do for a few turns every now and then (a sleeper wakes so slowly that its
 * partner's spin fails too, so they must be tried together), and less and less often if that is in
 * vain.
 *
 * <p>Used by the context's own kernel thread only.
 */
final class SpinPolicy {
    /** About what sleeping and waking cost; spinning longer than that never pays. */
    private static final long WORTH_NANOS = 15_000;

    private static final int FAILURES = 2;

    /**
     * Turns of a trial, and how many of them must have gone well: the first ones begin with both
     * asleep.
     */
    private static final int TRIAL = 5;

    private static final int TRIAL_SUCCESSES = 3;
    private static final int SHORTEST_REST = 8;
    private static final int LONGEST_REST = 512;

    /** One side's record. */
    private static final class Side {
        private boolean spins = true;
        private int failures;
        private int successes;

        void turned(boolean spun, boolean slept) {
            if (!spun) {
                return;
            }
            if (slept) {
                failures++;
            } else {
                failures = 0;
                successes++;
            }
        }
    }

    private final int limit;
    private final Side kernel = new Side();
    private final Side stub = new Side();

    /** Turns left of a trial, 0 outside. */
    private int trial;

    /** Turns until the next trial, while a side does not spin. */
    private int rest = SHORTEST_REST;

    private int nextRest = SHORTEST_REST;

    /**
     * @param limit what {@link #limit} says of this machine
     */
    SpinPolicy(int limit) {
        this.limit = limit;
    }

    /** How many looks are worth while on a machine; none if there is but one CPU. */
    static int limit(int cpus, long pausePicoseconds) {
        if (cpus < 2 || pausePicoseconds <= 0) {
            return 0;
        }
        return (int) Math.min(Integer.MAX_VALUE, WORTH_NANOS * 1000 / pausePicoseconds);
    }

    /** How often the kernel looks before it sleeps until the next stop. */
    int kernelSpin() {
        return kernel.spins || trial > 0 ? limit : 0;
    }

    /** How often the stub shall look before it sleeps after the next stop. */
    int stubSpin() {
        return stub.spins || trial > 0 ? limit : 0;
    }

    /** The stub was given the thread: whether it had spun for that, and had slept in the end. */
    void stubTurned(boolean spun, boolean slept) {
        stub.turned(spun, slept);
    }

    /**
     * The thread came back: whether the kernel had spun for that, and had slept in the end. Ends
     * the turn.
     */
    void kernelTurned(boolean spun, boolean slept) {
        kernel.turned(spun, slept);
        if (trial > 0) {
            if (--trial == 0) {
                endTrial();
            }
            return;
        }
        kernel.spins &= kernel.failures < FAILURES;
        stub.spins &= stub.failures < FAILURES;
        if (!(kernel.spins && stub.spins) && --rest <= 0) {
            kernel.successes = 0;
            stub.successes = 0;
            trial = TRIAL;
        }
    }

    private void endTrial() {
        kernel.spins = kernel.successes >= TRIAL_SUCCESSES;
        stub.spins = stub.successes >= TRIAL_SUCCESSES;
        kernel.failures = 0;
        stub.failures = 0;
        boolean well = kernel.spins && stub.spins;
        nextRest = well ? SHORTEST_REST : Math.min(2 * nextRest, LONGEST_REST);
        rest = nextRest;
    }
}
