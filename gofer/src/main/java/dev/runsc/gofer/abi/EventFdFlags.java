package dev.runsc.gofer.abi;

/**
 * Flags of eventfd2(2), signalfd4(2), timerfd_create(2), timerfd_settime(2). Names and values are
 * those of the Linux x86-64 headers.
 */
public final class EventFdFlags {
    public static final int EFD_SEMAPHORE = 1;
    public static final int EFD_NONBLOCK = 04000;
    public static final int EFD_CLOEXEC = 02000000;

    public static final int SFD_NONBLOCK = 04000;
    public static final int SFD_CLOEXEC = 02000000;

    public static final int TFD_TIMER_ABSTIME = 1;
    public static final int TFD_TIMER_CANCEL_ON_SET = 2;
    public static final int TFD_NONBLOCK = 04000;
    public static final int TFD_CLOEXEC = 02000000;

    private EventFdFlags() {}
}
