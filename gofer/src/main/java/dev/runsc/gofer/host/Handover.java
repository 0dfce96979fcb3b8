package dev.runsc.gofer.host;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SyscallNumbers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a process is to do that was started before anybody knew: a JVM takes 50 ms to come to life.
 * It waits on a socket of SOCK_SEQPACKET for one message: the arguments of its program, and its
 * descriptors, with the numbers that they are to have. If the socket is closed first, it ends.
 *
 * <p>The message is the count of the descriptors and their numbers, in the machine's byte order,
 * and the arguments, each with a zero behind it.
 */
public final class Handover {
    /** The only argument of such a process. */
    private static final String ARGUMENT = "--handover";

    /** Where the socket is. */
    private static final int SOCKET_FD = 3;

    /**
     * The numbers below are free for what is handed over: they are kept from the JVM at its start.
     */
    private static final int DESCRIPTORS = 64;

    /** A unix socket takes some 200 KiB at once. */
    private static final int BYTES_MAX = 64 << 10;

    private Handover() {}

    /** In the process: its arguments, awaited if these say so. */
    public static String[] await(String[] arguments) throws ErrnoException {
        if (arguments.length != 1 || !arguments[0].equals(ARGUMENT)) {
            return arguments;
        }
        ByteBuffer message = ByteBuffer.allocateDirect(BYTES_MAX).order(ByteOrder.nativeOrder());
        // Never closed: its number may be that of a descriptor that comes.
        UnixSocket socket = new UnixSocket(HostFd.own(SOCKET_FD));
        UnixSocket.Received received = socket.receive(message, UnixSocket.MAX_DESCRIPTORS);
        if (received.atEnd()) {
            HostProcess.exit(0);
        }
        message.flip();
        place(message, received.descriptors());
        List<String> words = new ArrayList<>();
        byte[] rest = new byte[message.remaining()];
        message.get(rest);
        int start = 0;
        for (int at = 0; at < rest.length; at++) {
            if (rest[at] == 0) {
                words.add(new String(rest, start, at - start, StandardCharsets.UTF_8));
                start = at + 1;
            }
        }
        return words.toArray(new String[0]);
    }

    private static void place(ByteBuffer message, List<HostFd> descriptors) throws ErrnoException {
        int count = message.getInt();
        if (count != descriptors.size()) {
            throw Errno.EPROTO.error();
        }
        boolean[] taken = new boolean[DESCRIPTORS];
        for (HostFd descriptor : descriptors) {
            int number = message.getInt();
            taken[number] = true;
            HostFiles.dup3(descriptor.number(), number, 0);
            descriptor.close();
        }
        for (int number = 0; number < DESCRIPTORS; number++) {
            if (!taken[number]) {
                Syscall.raw(SyscallNumbers.SYS_close, number, 0, 0, 0, 0, 0);
            }
        }
    }

    /**
     * Tells a waiting process.
     *
     * @param descriptors ours, by the numbers that they are to have
     * @return false when it is more than can be told so
     * @throws ErrnoException EPIPE, ECONNRESET when the process has ended
     */
    public static boolean send(
            UnixSocket socket, List<String> arguments, Map<Integer, Integer> descriptors)
            throws ErrnoException {
        List<byte[]> words = new ArrayList<>();
        int bytes = Integer.BYTES * (1 + descriptors.size());
        for (String argument : arguments) {
            byte[] word = argument.getBytes(StandardCharsets.UTF_8);
            words.add(word);
            bytes += word.length + 1;
        }
        boolean fits = bytes <= BYTES_MAX;
        for (int number : descriptors.keySet()) {
            fits &= number < DESCRIPTORS;
        }
        if (!fits) {
            return false;
        }
        ByteBuffer message = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
        message.putInt(descriptors.size());
        int[] ours = new int[descriptors.size()];
        int next = 0;
        for (Map.Entry<Integer, Integer> entry : descriptors.entrySet()) {
            message.putInt(entry.getKey());
            ours[next++] = entry.getValue();
        }
        for (byte[] word : words) {
            message.put(word).put((byte) 0);
        }
        socket.send(message.flip(), ours);
        return true;
    }
}
