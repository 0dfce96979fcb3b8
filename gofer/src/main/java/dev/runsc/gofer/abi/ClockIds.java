package dev.runsc.gofer.abi;

/**
 * Clock ids, timer flags, interval timer names (clock_gettime(2), setitimer(2)), adjtimex modes.
 * Names and values are those of the Linux x86-64 headers.
 */
public final class ClockIds {
    public static final int ADJ_OFFSET = 1;
    public static final int ADJ_FREQUENCY = 2;
    public static final int ADJ_MAXERROR = 4;
    public static final int ADJ_ESTERROR = 8;
    public static final int ADJ_STATUS = 16;
    public static final int ADJ_TIMECONST = 32;
    public static final int ADJ_TAI = 128;
    public static final int ADJ_SETOFFSET = 256;
    public static final int ADJ_MICRO = 4096;
    public static final int ADJ_NANO = 8192;
    public static final int ADJ_TICK = 16384;
    public static final int ADJ_OFFSET_SINGLESHOT = 32769;
    public static final int ADJ_OFFSET_SS_READ = 40961;

    public static final int CLOCK_REALTIME = 0;
    public static final int CLOCK_MONOTONIC = 1;
    public static final int CLOCK_PROCESS_CPUTIME_ID = 2;
    public static final int CLOCK_THREAD_CPUTIME_ID = 3;
    public static final int CLOCK_MONOTONIC_RAW = 4;
    public static final int CLOCK_REALTIME_COARSE = 5;
    public static final int CLOCK_MONOTONIC_COARSE = 6;
    public static final int CLOCK_BOOTTIME = 7;
    public static final int CLOCK_REALTIME_ALARM = 8;
    public static final int CLOCK_BOOTTIME_ALARM = 9;
    public static final int CLOCK_SGI_CYCLE = 10;
    public static final int CLOCK_TAI = 11;

    public static final int ITIMER_REAL = 0;
    public static final int ITIMER_VIRTUAL = 1;
    public static final int ITIMER_PROF = 2;

    public static final int MAX_CLOCKS = 16;

    public static final int STA_PLL = 1;
    public static final int STA_PPSFREQ = 2;
    public static final int STA_PPSTIME = 4;
    public static final int STA_FLL = 8;
    public static final int STA_INS = 16;
    public static final int STA_DEL = 32;
    public static final int STA_UNSYNC = 64;
    public static final int STA_FREQHOLD = 128;
    public static final int STA_PPSSIGNAL = 256;
    public static final int STA_PPSJITTER = 512;
    public static final int STA_PPSWANDER = 1024;
    public static final int STA_PPSERROR = 2048;
    public static final int STA_CLOCKERR = 4096;
    public static final int STA_NANO = 8192;
    public static final int STA_MODE = 16384;
    public static final int STA_CLK = 32768;
    public static final int STA_RONLY = 65280;

    public static final int TIME_OK = 0;
    public static final int TIME_INS = 1;
    public static final int TIME_DEL = 2;
    public static final int TIME_OOP = 3;
    public static final int TIME_WAIT = 4;
    public static final int TIME_BAD = 5;
    public static final int TIME_ERROR = 5;

    public static final int TIMER_ABSTIME = 1;

    private ClockIds() {}
}
