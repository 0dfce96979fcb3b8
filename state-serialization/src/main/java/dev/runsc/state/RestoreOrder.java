package dev.runsc.state;

/**
 * Usual places for {@link AfterRestore#restoreOrder}. Only the order of the numbers counts; values
 * between them are free.
 */
public final class RestoreOrder {
    /**
     * Objects that stand for resources of the host and take them from the {@link RestoreContext}.
     */
    public static final int HOST_RESOURCES = -200;

    /** Objects that most others ask during their own hooks, for example clocks and memory. */
    public static final int FOUNDATIONS = -100;

    /** Everything that needs no particular place. */
    public static final int NORMAL = 0;

    /** Indexes, ready lists and other state derived from many objects. */
    public static final int INDEXES = 100;

    /** Objects that start to act by themselves once restored, for example timers. */
    public static final int ACTORS = 200;

    private RestoreOrder() {}
}
