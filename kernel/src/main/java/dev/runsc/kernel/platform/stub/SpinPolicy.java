package dev.runsc.kernel.platform.stub;

/**
 * How long the two sides of one guest thread spin for each other before they sleep. Learned from
 * how it went: whether a spin pays depends on idle CPUs, on how long the guest computes and on how
 * long its calls take, and all of that shows in one thing, whether the other side came in time.
 *
 * <p>A side that had to sleep twice in a row although it spun stops spinning. As long as one side
 * does not, both do for a few turns every now and then, and less and less often if that is in vain.
 * They must be tried together, and first with more patience: a sleeper wakes so slowly, above all
 * on a virtual CPU that was idle, that its partner's spin fails too, and theirs in turn, for ever.
 *
 * <p>Used by the context's own kernel thread only.
 */
final class SpinPolicy {
    /** About what sleeping and waking cost; spinning longer than that never pays. */
    private static final long WORTH_NANOS = 15_000;

    private static final int FAILURES = 2;

    /** Turns of a trial in which both are patient, so that they come into step. */
    private static final int PATIENT = 2;

    /** How many times {@link #WORTH_NANOS} that is. */
    private static final int PATIENCE = 8;

    /** Turns of a trial after that, and how many of them must go well. */
    private static final int JUDGED = 4;

    private static final int JUDGED_WELL = 3;
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
        return (int) Math.min(Integer.MAX_VALUE / PATIENCE, WORTH_NANOS * 1000 / pausePicoseconds);
    }

    /** How often the kernel looks before it sleeps until the next stop. */
    int kernelSpin() {
        return looks(kernel);
    }

    /** How often the stub shall look before it sleeps after the next stop. */
    int stubSpin() {
        return looks(stub);
    }

    private int looks(Side side) {
        if (trial > JUDGED) {
            return limit * PATIENCE;
        }
        return side.spins || trial > 0 ? limit : 0;
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
            trial--;
            if (trial == JUDGED) {
                kernel.successes = 0;
                stub.successes = 0;
            } else if (trial == 0) {
                endTrial();
            }
            return;
        }
        kernel.spins &= kernel.failures < FAILURES;
        stub.spins &= stub.failures < FAILURES;
        if (!(kernel.spins && stub.spins) && --rest <= 0) {
            trial = PATIENT + JUDGED;
        }
    }

    private void endTrial() {
        kernel.spins = kernel.successes >= JUDGED_WELL;
        stub.spins = stub.successes >= JUDGED_WELL;
        kernel.failures = 0;
        stub.failures = 0;
        boolean well = kernel.spins && stub.spins;
        nextRest = well ? SHORTEST_REST : Math.min(2 * nextRest, LONGEST_REST);
        rest = nextRest;
    }
}
