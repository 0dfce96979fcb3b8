package dev.runsc.gofer.host;

/**
 * A word in memory shared with another process that says whose turn it is. Both sides look for a
 * while before they sleep, futex(2), and a side that sleeps says so in the word, so that nobody
 * makes a system call who need not. Native code, because looking and sleeping are then as quick at
 * the first call as after the JIT has compiled, and no safepoint waits for it.
 */
public final class TurnWord {
    private static final long SLEPT = 1L << Integer.SIZE;

    private TurnWord() {}

    /**
     * Stores a value, as a full barrier, and wakes one who sleeps if {@code awaited} was there.
     *
     * @return what was there
     */
    public static int give(long address, int value, int awaited) {
        return JniLibc.giveTurn(address, value, awaited);
    }

    /**
     * Waits until the word is neither {@code theirs} nor {@code awaited}, for as long as it takes.
     *
     * @param theirs what it holds while it is the other side's turn
     * @param awaited the same, and we sleep
     * @param looks how often to look before sleeping
     * @return for {@link #value} and {@link #slept}
     */
    public static long await(long address, int theirs, int awaited, int looks) {
        return JniLibc.awaitTurn(address, theirs, awaited, looks);
    }

    /** Looks at a word until it holds a value, or so many times. */
    public static void lookFor(long address, int value, int looks) {
        JniLibc.lookFor(address, value, looks);
    }

    /** What the word held in the end. */
    public static int value(long awaited) {
        return (int) awaited;
    }

    /** Whether looking was not enough. */
    public static boolean slept(long awaited) {
        return (awaited & SLEPT) != 0;
    }
}
