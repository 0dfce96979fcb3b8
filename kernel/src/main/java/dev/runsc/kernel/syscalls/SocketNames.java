package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.RawName;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Names of sockets as calls pass them: {@code struct sockaddr_un} of unix(7). */
final class SocketNames {
    private static final int FAMILY_BYTES = 2;
    private static final int MAX_BYTES = FAMILY_BYTES + SocketConstants.UNIX_PATH_MAX;

    /** sizeof(struct sockaddr_storage). */
    private static final int STORAGE_BYTES = 128;

    private SocketNames() {}

    /** Whether an address is AF_UNSPEC, with which connect(2) dissolves an association. */
    static boolean isUnspecified(Task task, long address, int length) throws ErrnoException {
        return length >= FAMILY_BYTES
                && length <= STORAGE_BYTES
                && Users.read(task, address, FAMILY_BYTES).getShort() == SocketConstants.AF_UNSPEC;
    }

    /**
     * What stands in sun_path; empty when there is only a family. EINVAL for other lengths and
     * families.
     */
    static String read(Task task, long address, int length) throws ErrnoException {
        if (length < FAMILY_BYTES || length > MAX_BYTES) {
            throw Errno.EINVAL.error();
        }
        ByteBuffer in = Users.read(task, address, length);
        if (in.getShort() != SocketConstants.AF_UNIX) {
            throw Errno.EINVAL.error();
        }
        byte[] path = new byte[length - FAMILY_BYTES];
        in.get(path);
        return RawName.of(path);
    }

    static byte[] bytes(String name) {
        byte[] path = RawName.bytes(name);
        return ByteBuffer.allocate(FAMILY_BYTES + path.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) SocketConstants.AF_UNIX)
                .put(path)
                .array();
    }

    /** Writes an address as far as it fits, and its whole length (Linux move_addr_to_user). */
    static void write(Task task, String name, long address, long lengthAddress)
            throws ErrnoException {
        write(task, bytes(name), address, lengthAddress);
    }

    /**
     * As {@link #write(Task, String, long, long)} for the sender of a message: nothing when it has
     * no name.
     */
    static void writeSender(Task task, String name, long address, long lengthAddress)
            throws ErrnoException {
        write(task, name.isEmpty() ? new byte[0] : bytes(name), address, lengthAddress);
    }

    private static void write(Task task, byte[] whole, long address, long lengthAddress)
            throws ErrnoException {
        int room = task.memory().readInt(lengthAddress);
        if (room < 0) {
            throw Errno.EINVAL.error();
        }
        byte[] given = whole.length <= room ? whole : Arrays.copyOf(whole, room);
        task.memory().copyOut(address, given);
        task.memory().writeInt(lengthAddress, whole.length);
    }
}
