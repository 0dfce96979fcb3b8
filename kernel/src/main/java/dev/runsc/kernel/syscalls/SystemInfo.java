package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.ArchPrctl.ARCH_GET_CPUID;
import static dev.runsc.gofer.abi.ArchPrctl.ARCH_GET_FS;
import static dev.runsc.gofer.abi.ArchPrctl.ARCH_GET_GS;
import static dev.runsc.gofer.abi.ArchPrctl.ARCH_SET_FS;
import static dev.runsc.gofer.abi.ArchPrctl.ARCH_SET_GS;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Sysinfo;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.task.Task;

/** What does not belong elsewhere: sysinfo, getrandom, arch_prctl, personality. */
final class SystemInfo {
    /** SI_LOAD_SHIFT. */
    private static final long LOAD_UNIT = 1 << 16;

    private static final int GRND_NONBLOCK = 1;
    private static final int GRND_RANDOM = 2;
    private static final int GRND_INSECURE = 4;
    private static final int RANDOM_CHUNK_BYTES = 4096;
    private static final long MAX_RANDOM_BYTES = 33_554_431;
    private static final int PERSONALITY_QUERY = -1;

    private SystemInfo() {}

    static long sysinfo(Task task, Args args) throws ErrnoException {
        var set = task.taskSet();
        long total = set.host().totalMemoryBytes();
        long free = Math.max(0, total - set.host().memoryFile().usedBytes());
        long now = set.clock().monotonicNanos();
        double[] loads = set.ticker().load().at(now);
        Users.write(
                task,
                args.address(0),
                new Sysinfo(
                        now / Users.NANOS_PER_SECOND,
                        (long) (loads[0] * LOAD_UNIT),
                        (long) (loads[1] * LOAD_UNIT),
                        (long) (loads[2] * LOAD_UNIT),
                        total,
                        free,
                        0,
                        0,
                        0,
                        0,
                        Math.min(0xffff, set.taskCount()),
                        0,
                        0,
                        1));
        return 0;
    }

    static long getrandom(Task task, Args args) throws ErrnoException {
        int flags = args.integer(2);
        boolean unknown = (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) != 0;
        boolean contradiction = (flags & GRND_RANDOM) != 0 && (flags & GRND_INSECURE) != 0;
        if (unknown || contradiction) {
            throw Errno.EINVAL.error();
        }
        long wanted =
                Long.compareUnsigned(args.size(1), MAX_RANDOM_BYTES) > 0
                        ? MAX_RANDOM_BYTES
                        : args.size(1);
        UserBuffer target = task.memory().buffer(args.address(0), wanted);
        byte[] chunk = new byte[RANDOM_CHUNK_BYTES];
        long done = 0;
        while (done < wanted) {
            int length = (int) Math.min(chunk.length, wanted - done);
            task.taskSet().host().random().nextBytes(chunk);
            long put = target.put(chunk, 0, length);
            done += put;
            if (put < length) {
                break;
            }
        }
        return done;
    }

    static long arch_prctl(Task task, Args args) throws ErrnoException {
        long address = args.address(1);
        switch (args.integer(0)) {
            case ARCH_SET_FS -> {
                if (Long.compareUnsigned(address, Platform.MAX_USER_ADDRESS) >= 0) {
                    throw Errno.EPERM.error();
                }
                task.context().setFsBase(address);
            }
            case ARCH_GET_FS -> task.memory().writeLong(address, task.context().fsBase());
            case ARCH_SET_GS -> {
                if (Long.compareUnsigned(address, Platform.MAX_USER_ADDRESS) >= 0) {
                    throw Errno.EPERM.error();
                }
                task.context().setGsBase(address);
            }
            case ARCH_GET_GS -> task.memory().writeLong(address, task.context().gsBase());
            case ARCH_GET_CPUID -> {
                return 1;
            }
            default -> throw Errno.EINVAL.error();
        }
        return 0;
    }

    static long personality(Task task, Args args) {
        int old = task.personality();
        if (args.integer(0) != PERSONALITY_QUERY) {
            task.setPersonality(args.integer(0));
        }
        return old;
    }
}
