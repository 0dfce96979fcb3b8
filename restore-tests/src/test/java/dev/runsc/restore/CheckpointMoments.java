package dev.runsc.restore;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Says when the next checkpoint of a running sandbox is due. The only kind so far draws times; one
 * that is driven from within (at every system call the guest makes) takes its place here.
 */
interface CheckpointMoments {
    /**
     * Waits for the moment.
     *
     * @return false when the command ended before it came
     */
    boolean await(Command running) throws InterruptedException;

    /** Moments at random distances, the same for the same seed. */
    static CheckpointMoments random(long seed, int mostMilliseconds) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        return running -> !running.endsWithin(random.nextInt(1, mostMilliseconds));
    }
}
