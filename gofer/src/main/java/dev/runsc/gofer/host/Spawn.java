package dev.runsc.gofer.host;

import static dev.runsc.gofer.abi.FcntlCommands.F_DUPFD_CLOEXEC;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.abi.SyscallNumbers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment actions = arena.allocate(OPAQUE_BYTES, 16);
            MemorySegment attributes = arena.allocate(OPAQUE_BYTES, 16);
            MemorySegment pid = arena.allocate(ValueLayout.JAVA_INT);
            check(Calls.ACTIONS_INIT.call(actions.address()));
            check(Calls.ATTRIBUTES_INIT.call(attributes.address()));
            try {
                addActions(actions.address(), copies);
                setAttributes(arena, attributes.address());
                check(
                        Calls.SPAWN.call(
                                pid.address(),
                                text(arena, program).address(),
                                actions.address(),
                                attributes.address(),
                                vector(arena, arguments),
                                vector(arena, environment)));
                return pid.get(ValueLayout.JAVA_INT, 0);
            } finally {
                Calls.ACTIONS_DESTROY.call(actions.address());
                Calls.ATTRIBUTES_DESTROY.call(attributes.address());
            }
        } finally {
            copies.forEach(HostFd::close);
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

    private void setAttributes(Arena arena, long attributes) throws ErrnoException {
        MemorySegment none = arena.allocate(SIGSET_BYTES, Long.BYTES);
        check(Calls.SET_MASK.call(attributes, none.address()));
        MemorySegment all = arena.allocate(SIGSET_BYTES, Long.BYTES);
        long kept = 1L << (SignalNumbers.SIGKILL - 1) | 1L << (SignalNumbers.SIGSTOP - 1);
        all.set(ValueLayout.JAVA_LONG, 0, ~kept);
        check(Calls.SET_DEFAULT.call(attributes, all.address()));
        check(Calls.SET_FLAGS.call(attributes, flags));
    }

    private static MemorySegment text(Arena arena, String text) throws ErrnoException {
        if (text.indexOf('\0') >= 0) {
            throw Errno.EINVAL.error();
        }
        return arena.allocateFrom(text);
    }

    private static long vector(Arena arena, List<String> texts) throws ErrnoException {
        MemorySegment vector = arena.allocate(ValueLayout.JAVA_LONG, texts.size() + 1L);
        for (int i = 0; i < texts.size(); i++) {
            vector.setAtIndex(ValueLayout.JAVA_LONG, i, text(arena, texts.get(i)).address());
        }
        return vector.address();
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
