package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/**
 * {@code siginfo_t} of x86-64 (asm-generic/siginfo.h): signo, errno and code, then a union that the
 * code selects. Kept as its 128 bytes, with the union's members as accessors; which of them mean
 * something is the caller's knowledge, as in C.
 *
 * <pre>
 *  0 si_signo   4 si_errno   8 si_code   12 padding
 * 16 union: kill, rt   pid 16, uid 20, value 24
 *           timer      tid 16, overrun 20, value 24
 *           child      pid 16, uid 20, status 24, utime 32, stime 40
 *           fault      addr 16, addr_lsb 24, lower 32, upper 40, pkey 32
 *           poll       band 16, fd 24
 *           sys        call_addr 16, syscall 24, arch 28
 * </pre>
 */
public final class SigInfo implements AbiStruct {
    public static final int BYTES = 128;

    private static final int SIGNO = 0;
    private static final int ERRNO = 4;
    private static final int CODE = 8;
    private static final int PID = 16;
    private static final int UID = 20;
    private static final int VALUE = 24;
    private static final int STATUS = 24;
    private static final int USER_TIME = 32;
    private static final int SYSTEM_TIME = 40;
    private static final int ADDRESS = 16;
    private static final int ADDRESS_LSB = 24;
    private static final int PROTECTION_KEY = 32;
    private static final int BAND = 16;
    private static final int POLL_FD = 24;
    private static final int SYSCALL = 24;
    private static final int ARCH = 28;

    private final ByteBuffer data = AbiStruct.littleEndian(ByteBuffer.allocate(BYTES));

    private SigInfo() {}

    private SigInfo(int signal, int code) {
        data.putInt(SIGNO, signal).putInt(CODE, code);
    }

    /** kill(2), tgkill(2): {@code SI_USER}, {@code SI_TKILL}. */
    public static SigInfo kill(int signal, int code, int pid, int uid) {
        SigInfo info = new SigInfo(signal, code);
        info.data.putInt(PID, pid).putInt(UID, uid);
        return info;
    }

    /** rt_sigqueueinfo(2), message queues: a sender and a value. */
    public static SigInfo queued(int signal, int code, int pid, int uid, long value) {
        SigInfo info = kill(signal, code, pid, uid);
        info.data.putLong(VALUE, value);
        return info;
    }

    /** A POSIX timer that ran out: {@code SI_TIMER}. */
    public static SigInfo timer(int signal, int timerId, int overrun, long value) {
        return queued(signal, SignalNumbers.SI_TIMER, timerId, overrun, value);
    }

    /** SIGCHLD; times in clock ticks. */
    public static SigInfo child(
            int code, int pid, int uid, int status, long userTicks, long systemTicks) {
        SigInfo info = kill(SignalNumbers.SIGCHLD, code, pid, uid);
        info.data.putInt(STATUS, status);
        info.data.putLong(USER_TIME, userTicks).putLong(SYSTEM_TIME, systemTicks);
        return info;
    }

    /** SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP at an address. */
    public static SigInfo fault(int signal, int code, long address) {
        SigInfo info = new SigInfo(signal, code);
        info.data.putLong(ADDRESS, address);
        return info;
    }

    /** SIGIO: events of a descriptor. */
    public static SigInfo poll(int signal, int code, long band, int fd) {
        SigInfo info = new SigInfo(signal, code);
        info.data.putLong(BAND, band).putInt(POLL_FD, fd);
        return info;
    }

    /** SIGSYS: a call that a filter stopped. {@code errno} is the filter's data. */
    public static SigInfo sys(int code, int errno, long callAddress, int number, int arch) {
        SigInfo info = new SigInfo(SignalNumbers.SIGSYS, code);
        info.data.putInt(ERRNO, errno).putLong(ADDRESS, callAddress);
        info.data.putInt(SYSCALL, number).putInt(ARCH, arch);
        return info;
    }

    /** Takes one from the position of {@code source}, which moves past it. */
    public static SigInfo readFrom(ByteBuffer source) {
        SigInfo info = new SigInfo();
        info.data.put(0, source, source.position(), BYTES);
        source.position(source.position() + BYTES);
        return info;
    }

    /** The same information under another signal number, as clone's exit signal asks. */
    public SigInfo withSignal(int signal) {
        SigInfo copy = new SigInfo();
        copy.data.put(0, data, 0, BYTES).putInt(SIGNO, signal);
        return copy;
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        target.put(data.duplicate());
    }

    public int signal() {
        return data.getInt(SIGNO);
    }

    public int errno() {
        return data.getInt(ERRNO);
    }

    public int code() {
        return data.getInt(CODE);
    }

    public int pid() {
        return data.getInt(PID);
    }

    public int uid() {
        return data.getInt(UID);
    }

    public long value() {
        return data.getLong(VALUE);
    }

    public int timerId() {
        return data.getInt(PID);
    }

    public int overrun() {
        return data.getInt(UID);
    }

    public int status() {
        return data.getInt(STATUS);
    }

    public long userTicks() {
        return data.getLong(USER_TIME);
    }

    public long systemTicks() {
        return data.getLong(SYSTEM_TIME);
    }

    public long address() {
        return data.getLong(ADDRESS);
    }

    public int addressLsb() {
        return data.getShort(ADDRESS_LSB);
    }

    public int protectionKey() {
        return data.getInt(PROTECTION_KEY);
    }

    public long band() {
        return data.getLong(BAND);
    }

    public int pollFd() {
        return data.getInt(POLL_FD);
    }

    public int syscall() {
        return data.getInt(SYSCALL);
    }

    public int arch() {
        return data.getInt(ARCH);
    }
}
