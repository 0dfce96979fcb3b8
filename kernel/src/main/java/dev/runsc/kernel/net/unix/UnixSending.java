package dev.runsc.kernel.net.unix;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.vfs.FileDescription;
import java.util.Arrays;

/** Cuts what is sent into messages (Linux unix_stream_sendmsg, unix_dgram_sendmsg). */
final class UnixSending {
    /** What a datagram must leave free in SO_SNDBUF (unix_dgram_sendmsg). */
    private static final int DATAGRAM_RESERVE = 32;

    private UnixSending() {}

    static long stream(UnixSocket from, UserBuffer source, Outgoing out) throws ErrnoException {
        UnixSocket to = from.requirePeer(null);
        long done = 0;
        while (source.remaining() > 0 && from.hasRoom()) {
            byte[] data = new byte[(int) Math.min(UnixMessage.STREAM_PIECE, source.remaining())];
            try {
                long taken = source.take(data, 0, data.length);
                to.deliver(new UnixMessage(from, fit(data, (int) taken), out), out);
                done += taken;
                if (taken < data.length) {
                    return done;
                }
            } catch (ErrnoException failed) {
                if (done > 0) {
                    return done;
                }
                throw failed;
            }
        }
        return done == 0 && source.remaining() > 0 ? FileDescription.WOULD_BLOCK : done;
    }

    private static byte[] fit(byte[] data, int length) {
        return length == data.length ? data : Arrays.copyOf(data, length);
    }

    static long datagram(UnixSocket from, UserBuffer source, Outgoing out) throws ErrnoException {
        UnixSocket to = from.requirePeer(from.isDatagram() ? out.destination : null);
        if (source.remaining() > from.options().sendBuffer() - DATAGRAM_RESERVE) {
            throw Errno.EMSGSIZE.error();
        }
        if (from.isDatagram() && !to.accepts(from)) {
            throw Errno.EPERM.error();
        }
        if (!from.hasRoom()) {
            return FileDescription.WOULD_BLOCK;
        }
        byte[] data = new byte[(int) source.remaining()];
        if (data.length > 0 && source.take(data, 0, data.length) < data.length) {
            throw Errno.EFAULT.error();
        }
        try {
            to.deliver(new UnixMessage(from, data, out), out);
        } catch (ErrnoException failed) {
            if (failed.is(Errno.ECONNREFUSED)) {
                from.forget(to);
            }
            throw failed;
        }
        return data.length;
    }
}
