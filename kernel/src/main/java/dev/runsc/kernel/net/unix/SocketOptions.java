package dev.runsc.kernel.net.unix;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Linger;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.abi.Timeval;
import dev.runsc.kernel.sync.Interruptible;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.state.Savable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The options of level SOL_SOCKET that are kept and shown (socket(7), Linux net/core/sock.c). */
public final class SocketOptions implements Savable {
    /** /proc/sys/net/core/wmem_max and rmem_max, which are the defaults as well. */
    private static final int BUFFER_MAX = 212992;

    private static final int SEND_MIN = 4608;
    private static final int RECEIVE_MIN = 2304;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long MAX_SECONDS = Long.MAX_VALUE / NANOS_PER_SECOND;
    private static final int MAX_PRIORITY = 6;

    private volatile int sendBuffer = BUFFER_MAX;
    private volatile int receiveBuffer = BUFFER_MAX;
    private volatile long sendTimeoutNanos = Interruptible.FOREVER;
    private volatile long receiveTimeoutNanos = Interruptible.FOREVER;
    private volatile int lingerOn;
    private volatile int lingerSeconds;
    private volatile int lowWater = 1;
    private volatile int priority;

    /** Bit n is option n, for those that are on or off. */
    private volatile long switches;

    int sendBuffer() {
        return sendBuffer;
    }

    /** SO_SNDTIMEO; {@link Interruptible#FOREVER} for none. */
    public long sendTimeoutNanos() {
        return sendTimeoutNanos;
    }

    /** SO_RCVTIMEO; {@link Interruptible#FOREVER} for none. */
    public long receiveTimeoutNanos() {
        return receiveTimeoutNanos;
    }

    public boolean passesCredentials() {
        return (switches & 1L << SocketConstants.SO_PASSCRED) != 0;
    }

    /** The value of an option as getsockopt(2) gives it. ENOPROTOOPT for unknown ones. */
    byte[] get(int option) throws ErrnoException {
        return switch (option) {
            case SocketConstants.SO_SNDBUF -> bytes(sendBuffer);
            case SocketConstants.SO_RCVBUF -> bytes(receiveBuffer);
            case SocketConstants.SO_SNDTIMEO, SocketConstants.SO_SNDTIMEO_NEW ->
                    timeval(sendTimeoutNanos);
            case SocketConstants.SO_RCVTIMEO, SocketConstants.SO_RCVTIMEO_NEW ->
                    timeval(receiveTimeoutNanos);
            case SocketConstants.SO_LINGER -> new Linger(lingerOn, lingerSeconds).toBytes();
            case SocketConstants.SO_RCVLOWAT -> bytes(lowWater);
            case SocketConstants.SO_SNDLOWAT -> bytes(1);
            case SocketConstants.SO_PRIORITY -> bytes(priority);
            default -> {
                requireSwitch(option);
                yield bytes((int) (switches >>> option & 1));
            }
        };
    }

    /** setsockopt(2). EINVAL for a value that is too short. */
    void set(Caller caller, int option, byte[] value) throws ErrnoException {
        if (value.length < Integer.BYTES) {
            throw Errno.EINVAL.error();
        }
        int number = littleEndian(value).getInt();
        switch (option) {
            case SocketConstants.SO_SNDBUF ->
                    sendBuffer = doubled(Math.min(number, BUFFER_MAX), SEND_MIN);
            case SocketConstants.SO_RCVBUF ->
                    receiveBuffer = doubled(Math.min(number, BUFFER_MAX), RECEIVE_MIN);
            case SocketConstants.SO_SNDBUFFORCE -> {
                requireNetAdmin(caller);
                sendBuffer = doubled(number, SEND_MIN);
            }
            case SocketConstants.SO_RCVBUFFORCE -> {
                requireNetAdmin(caller);
                receiveBuffer = doubled(number, RECEIVE_MIN);
            }
            case SocketConstants.SO_SNDTIMEO, SocketConstants.SO_SNDTIMEO_NEW ->
                    sendTimeoutNanos = nanos(value);
            case SocketConstants.SO_RCVTIMEO, SocketConstants.SO_RCVTIMEO_NEW ->
                    receiveTimeoutNanos = nanos(value);
            case SocketConstants.SO_LINGER -> setLinger(value);
            case SocketConstants.SO_RCVLOWAT ->
                    lowWater = number < 0 ? Integer.MAX_VALUE : Math.max(1, number);
            case SocketConstants.SO_PRIORITY -> {
                if (number < 0 || number > MAX_PRIORITY) {
                    requireNetAdmin(caller);
                }
                priority = number;
            }
            default -> {
                requireSwitch(option);
                setSwitch(option, number != 0);
            }
        }
    }

    private synchronized void setSwitch(int option, boolean on) {
        switches = on ? switches | 1L << option : switches & ~(1L << option);
    }

    private static void requireSwitch(int option) throws ErrnoException {
        switch (option) {
            case SocketConstants.SO_DEBUG,
                    SocketConstants.SO_REUSEADDR,
                    SocketConstants.SO_DONTROUTE,
                    SocketConstants.SO_BROADCAST,
                    SocketConstants.SO_KEEPALIVE,
                    SocketConstants.SO_OOBINLINE,
                    SocketConstants.SO_NO_CHECK,
                    SocketConstants.SO_REUSEPORT,
                    SocketConstants.SO_PASSCRED,
                    SocketConstants.SO_PASSSEC -> {}
            default -> throw Errno.ENOPROTOOPT.error();
        }
    }

    private static void requireNetAdmin(Caller caller) throws ErrnoException {
        if (!caller.credentials().has(Capabilities.CAP_NET_ADMIN)) {
            throw Errno.EPERM.error();
        }
    }

    /**
     * The kernel doubles what is asked for, to allow for its own bookkeeping. A negative size
     * counts as the least one.
     */
    private static int doubled(int wanted, int least) {
        int bounded = Math.min(wanted, Integer.MAX_VALUE / 2);
        return Math.max(bounded * 2, least);
    }

    private void setLinger(byte[] value) throws ErrnoException {
        if (value.length < Linger.BYTES) {
            throw Errno.EINVAL.error();
        }
        Linger linger = Linger.readFrom(ByteBuffer.wrap(value));
        lingerOn = linger.onOff() == 0 ? 0 : 1;
        lingerSeconds = linger.seconds();
    }

    private static long nanos(byte[] value) throws ErrnoException {
        if (value.length < Timeval.BYTES) {
            throw Errno.EINVAL.error();
        }
        Timeval time = Timeval.readFrom(ByteBuffer.wrap(value));
        if (time.micros() < 0 || time.micros() >= 1_000_000) {
            throw Errno.EDOM.error();
        }
        if (time.seconds() < 0) {
            return 0;
        }
        boolean none = time.seconds() == 0 && time.micros() == 0;
        return none || time.seconds() >= MAX_SECONDS
                ? Interruptible.FOREVER
                : time.seconds() * NANOS_PER_SECOND + time.micros() * 1000;
    }

    private static byte[] timeval(long nanos) {
        long shown = nanos == Interruptible.FOREVER ? 0 : nanos;
        return new Timeval(shown / NANOS_PER_SECOND, shown % NANOS_PER_SECOND / 1000).toBytes();
    }

    static byte[] bytes(int value) {
        byte[] out = new byte[Integer.BYTES];
        littleEndian(out).putInt(value);
        return out;
    }

    private static ByteBuffer littleEndian(byte[] value) {
        return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
    }
}
