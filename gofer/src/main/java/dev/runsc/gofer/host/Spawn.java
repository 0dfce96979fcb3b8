package dev.runsc.gofer.host;

import static dev.runsc.gofer.abi.FcntlCommands.F_DUPFD_CLOEXEC;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.abi.SyscallNumbers;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Starting a program with chosen descriptors (posix_spawn(3)): a JVM cannot fork. The child gets
 * the descriptors of the map and none besides, an empty signal mask, and default signal actions.
 */
public final class Spawn {
    /** {@code POSIX_SPAWN_*} of spawn.h. */
    private static final short SET_PGROUP = 0x02;

    private static final short SET_SIGDEF = 0x04;
    private static final short SET_SIGMASK = 0x08;
    private static final short SET_SID = 0x80;

    /** Sizes of the C library's opaque types are 80, 336 and 128; larger is harmless. */
    private static final int OPAQUE_BYTES = 512;

    private static final int SIGSET_BYTES = 128;

    private final String program;
    private final List<String> arguments = new ArrayList<>();
    private final List<String> environment = new ArrayList<>();
    private final NavigableMap<Integer, Integer> descriptors = new TreeMap<>();
    private short flags = SET_SIGDEF | SET_SIGMASK;
    private int directoryFd = -1;

    /** A program at an absolute path, with no arguments, environment or descriptors yet. */
    public Spawn(String program) {
        this.program = program;
    }

    /** Appends arguments; the first of all is {@code argv[0]}. */
    public Spawn arguments(List<String> more) {
        arguments.addAll(more);
        return this;
    }

    public Spawn environment(Map<String, String> variables) {
        variables.forEach((name, value) -> environment.add(name + "=" + value));
        return this;
    }

    /** The child will find our descriptor {@code ours} as {@code childFd}. */
    public Spawn descriptor(int childFd, int ours) {
        if (childFd < 0 || ours < 0) {
            throw new IllegalArgumentException("descriptor " + ours + " as " + childFd);
        }
        descriptors.put(childFd, ours);
        return this;
    }

    /** The child leads a session of its own. */
    public Spawn newSession() {
        flags |= SET_SID;
        return this;
    }

    /** The child leads a process group of its own. */
    public Spawn newProcessGroup() {
        flags |= SET_PGROUP;
        return this;
    }

    /** The child starts in this directory. */
    public Spawn directory(int fd) {
        directoryFd = fd;
        return this;
    }

    /** Starts it; returns its pid, which the caller must reap. */
    public int start() throws ErrnoException {
        List<HostFd> copies = new ArrayList<>();
        Block block = new Block(arguments, environment, program);
        try {
            long actions = block.take(OPAQUE_BYTES);
            long attributes = block.take(OPAQUE_BYTES);
            long pid = block.take(Long.BYTES);
            check(Calls.ACTIONS_INIT.call(actions));
            check(Calls.ATTRIBUTES_INIT.call(attributes));
            try {
                addActions(actions, copies);
                setAttributes(block, attributes);
                check(
                        Calls.SPAWN.call(
                                pid,
                                block.text(program),
                                actions,
                                attributes,
                                block.vector(arguments),
                                block.vector(environment)));
                return (int) block.get(pid);
            } finally {
                Calls.ACTIONS_DESTROY.call(actions);
                Calls.ATTRIBUTES_DESTROY.call(attributes);
            }
        } finally {
            copies.forEach(HostFd::close);
            Reference.reachabilityFence(block);
        }
    }

    /**
     * Descriptors are first copied above all wanted numbers, so that no placement overwrites one
     * that is still to be placed. Close-on-exec is no shield: the JVM has descriptors without it.
     */
    private void addActions(long actions, List<HostFd> copies) throws ErrnoException {
        int past = descriptors.isEmpty() ? 0 : descriptors.lastKey() + 1;
        for (Map.Entry<Integer, Integer> entry : descriptors.entrySet()) {
            long copy =
                    Syscall.call(SyscallNumbers.SYS_fcntl, entry.getValue(), F_DUPFD_CLOEXEC, past);
            copies.add(HostFd.own((int) copy));
            check(Calls.ADD_DUP2.call(actions, (int) copy, entry.getKey()));
        }
        if (directoryFd >= 0) {
            check(Calls.ADD_DIRECTORY.call(actions, directoryFd));
        }
        for (int fd = 0; fd < past; fd++) {
            if (!descriptors.containsKey(fd)) {
                check(Calls.ADD_CLOSE.call(actions, fd));
            }
        }
        check(Calls.ADD_CLOSE_FROM.call(actions, past));
    }

    private void setAttributes(Block block, long attributes) throws ErrnoException {
        check(Calls.SET_MASK.call(attributes, block.take(SIGSET_BYTES)));
        long all = block.take(SIGSET_BYTES);
        long kept = 1L << (SignalNumbers.SIGKILL - 1) | 1L << (SignalNumbers.SIGSTOP - 1);
        block.put(all, ~kept);
        check(Calls.SET_DEFAULT.call(attributes, all));
        check(Calls.SET_FLAGS.call(attributes, flags));
    }

    /**
     * Zeroed native memory, given out in pieces, for as long as it is reachable. A direct buffer:
     * the first use of memory segments would cost every command 20 ms of spinning method handles.
     */
    private static final class Block {
        private static final int ALIGNMENT = 16;

        private final ByteBuffer memory;
        private final long address;

        /** With room for these texts and for the fixed parts. */
        Block(List<String> arguments, List<String> environment, String program)
                throws ErrnoException {
            long bytes = 2 * OPAQUE_BYTES + 2 * SIGSET_BYTES + 8 * ALIGNMENT + room(program);
            for (List<String> texts : List.of(arguments, environment)) {
                for (String text : texts) {
                    bytes += room(text) + Long.BYTES;
                }
            }
            if (bytes > Integer.MAX_VALUE) {
                throw Errno.E2BIG.error();
            }
            memory = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
            address = MemorySegment.ofBuffer(memory).address();
        }

        /** At most, with its zero and the gap before the next piece: UTF-8 takes up to three. */
        private static long room(String text) {
            return 3L * text.length() + 1 + ALIGNMENT;
        }

        /** The address of a piece. */
        long take(int bytes) {
            int start = memory.position();
            memory.position(start + (bytes + ALIGNMENT - 1 & -ALIGNMENT));
            return address + start;
        }

        long text(String text) throws ErrnoException {
            if (text.indexOf('\0') >= 0) {
                throw Errno.EINVAL.error();
            }
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            long place = take(bytes.length + 1);
            memory.put((int) (place - address), bytes);
            return place;
        }

        /** An array of pointers to texts, with a null at its end. */
        long vector(List<String> texts) throws ErrnoException {
            long vector = take((texts.size() + 1) * Long.BYTES);
            for (int i = 0; i < texts.size(); i++) {
                put(vector + (long) i * Long.BYTES, text(texts.get(i)));
            }
            return vector;
        }

        void put(long place, long value) {
            memory.putLong((int) (place - address), value);
        }

        long get(long place) {
            return memory.getLong((int) (place - address));
        }
    }

    /** These functions return the error number itself. */
    private static void check(int error) throws ErrnoException {
        if (error != 0) {
            throw Syscall.failure(error);
        }
    }

    /** The C library's functions; pointers are addresses. */
    private static final class Calls {
        static final CFunction SPAWN = CFunction.named("posix_spawn");
        static final CFunction ACTIONS_INIT = CFunction.named("posix_spawn_file_actions_init");
        static final CFunction ACTIONS_DESTROY =
                CFunction.named("posix_spawn_file_actions_destroy");
        static final CFunction ADD_DUP2 = CFunction.named("posix_spawn_file_actions_adddup2");
        static final CFunction ADD_CLOSE = CFunction.named("posix_spawn_file_actions_addclose");

        /** Of the GNU C library 2.34. */
        static final CFunction ADD_CLOSE_FROM =
                CFunction.named("posix_spawn_file_actions_addclosefrom_np");

        static final CFunction ADD_DIRECTORY =
                CFunction.named("posix_spawn_file_actions_addfchdir_np");
        static final CFunction ATTRIBUTES_INIT = CFunction.named("posix_spawnattr_init");
        static final CFunction ATTRIBUTES_DESTROY = CFunction.named("posix_spawnattr_destroy");
        static final CFunction SET_FLAGS = CFunction.named("posix_spawnattr_setflags");
        static final CFunction SET_MASK = CFunction.named("posix_spawnattr_setsigmask");
        static final CFunction SET_DEFAULT = CFunction.named("posix_spawnattr_setsigdefault");

        private Calls() {}
    }
}
