package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.Prctl.*;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.signal.SignalSet;
import dev.runsc.kernel.vfs.RawName;
import java.util.Map;

/** prctl(2): one row per operation. */
final class ProcessControl {
    private static final int NAME_BYTES = 16;
    private static final int SECBIT_KEEP_CAPS = 1 << 4;
    private static final int LAST_CAPABILITY = 40;

    private static final Map<Integer, Syscall.Handler> OPERATIONS =
            Map.ofEntries(
                    Map.entry(PR_SET_PDEATHSIG, ProcessControl::setParentDeathSignal),
                    Map.entry(PR_GET_PDEATHSIG, ProcessControl::getParentDeathSignal),
                    Map.entry(PR_GET_DUMPABLE, (task, args) -> task.memory().isDumpable() ? 1 : 0),
                    Map.entry(PR_SET_DUMPABLE, ProcessControl::setDumpable),
                    Map.entry(PR_GET_KEEPCAPS, ProcessControl::getKeepCaps),
                    Map.entry(PR_SET_KEEPCAPS, ProcessControl::setKeepCaps),
                    Map.entry(PR_SET_NAME, ProcessControl::setName),
                    Map.entry(PR_GET_NAME, ProcessControl::getName),
                    Map.entry(PR_GET_SECCOMP, SeccompCalls::currentMode),
                    Map.entry(PR_SET_SECCOMP, SeccompCalls::prctlSet),
                    Map.entry(PR_CAPBSET_READ, ProcessControl::readBounding),
                    Map.entry(PR_CAPBSET_DROP, ProcessControl::dropBounding),
                    Map.entry(PR_GET_TSC, ProcessControl::getTsc),
                    Map.entry(PR_GET_SECUREBITS, (task, args) -> task.credentials().secureBits()),
                    Map.entry(PR_SET_SECUREBITS, ProcessControl::setSecureBits),
                    Map.entry(PR_SET_TIMERSLACK, ProcessControl::setTimerSlack),
                    Map.entry(
                            PR_GET_TIMERSLACK, (task, args) -> task.scheduling().timerSlackNanos()),
                    Map.entry(PR_SET_CHILD_SUBREAPER, ProcessControl::setSubreaper),
                    Map.entry(PR_GET_CHILD_SUBREAPER, ProcessControl::getSubreaper),
                    Map.entry(PR_SET_NO_NEW_PRIVS, ProcessControl::setNoNewPrivileges),
                    Map.entry(
                            PR_GET_NO_NEW_PRIVS,
                            (task, args) -> task.credentials().noNewPrivileges() ? 1 : 0),
                    Map.entry(PR_GET_TID_ADDRESS, ProcessControl::getTidAddress),
                    Map.entry(PR_SET_THP_DISABLE, (task, args) -> 0),
                    Map.entry(PR_GET_THP_DISABLE, (task, args) -> 0),
                    Map.entry(PR_CAP_AMBIENT, ProcessControl::ambient),
                    Map.entry(PR_SET_VMA, Mappings::setVma),
                    Map.entry(PR_SET_PTRACER, (task, args) -> 0));

    private ProcessControl() {}

    static long prctl(Task task, Args args) throws ErrnoException {
        Syscall.Handler operation = OPERATIONS.get(args.integer(0));
        if (operation == null) {
            throw Errno.EINVAL.error();
        }
        return operation.call(task, args);
    }

    private static long setParentDeathSignal(Task task, Args args) throws ErrnoException {
        int signal = args.integer(1);
        if (signal != 0 && !SignalSet.isValid(signal)) {
            throw Errno.EINVAL.error();
        }
        task.setParentDeathSignal(signal);
        return 0;
    }

    private static long getParentDeathSignal(Task task, Args args) throws ErrnoException {
        task.memory().writeInt(args.address(1), task.parentDeathSignal());
        return 0;
    }

    private static long setDumpable(Task task, Args args) throws ErrnoException {
        if (args.longValue(1) != 0 && args.longValue(1) != 1) {
            throw Errno.EINVAL.error();
        }
        task.memory().setDumpable(args.longValue(1) == 1);
        return 0;
    }

    private static long getKeepCaps(Task task, Args args) {
        return (task.credentials().secureBits() & SECBIT_KEEP_CAPS) != 0 ? 1 : 0;
    }

    private static long setKeepCaps(Task task, Args args) throws ErrnoException {
        long on = args.longValue(1);
        if (on != 0 && on != 1) {
            throw Errno.EINVAL.error();
        }
        Credentials now = task.credentials();
        int bits = now.secureBits() & ~SECBIT_KEEP_CAPS;
        task.setCredentials(now.withSecureBits(on == 1 ? bits | SECBIT_KEEP_CAPS : bits));
        return 0;
    }

    private static long setName(Task task, Args args) throws ErrnoException {
        byte[] name = new byte[NAME_BYTES];
        int length = 0;
        while (length < NAME_BYTES - 1) {
            byte next = task.memory().readByte(args.address(1) + length);
            if (next == 0) {
                break;
            }
            name[length++] = next;
        }
        task.setName(RawName.of(java.util.Arrays.copyOf(name, length)));
        return 0;
    }

    private static long getName(Task task, Args args) throws ErrnoException {
        byte[] name = java.util.Arrays.copyOf(RawName.bytes(task.name()), NAME_BYTES);
        task.memory().copyOut(args.address(1), name);
        return 0;
    }

    private static long readBounding(Task task, Args args) throws ErrnoException {
        return task.credentials().bounding() >>> requireCapability(args.longValue(1)) & 1;
    }

    private static long dropBounding(Task task, Args args) throws ErrnoException {
        int capability = requireCapability(args.longValue(1));
        Credentials now = task.credentials();
        if (!now.hasOwn(Capabilities.CAP_SETPCAP)) {
            throw Errno.EPERM.error();
        }
        task.setCredentials(now.withBounding(now.bounding() & ~(1L << capability)));
        return 0;
    }

    private static int requireCapability(long capability) throws ErrnoException {
        if (capability < 0 || capability > LAST_CAPABILITY) {
            throw Errno.EINVAL.error();
        }
        return (int) capability;
    }

    private static long getTsc(Task task, Args args) throws ErrnoException {
        task.memory().writeInt(args.address(1), PR_TSC_ENABLE);
        return 0;
    }

    private static long setSecureBits(Task task, Args args) throws ErrnoException {
        Credentials now = task.credentials();
        if (!now.hasOwn(Capabilities.CAP_SETPCAP)) {
            throw Errno.EPERM.error();
        }
        task.setCredentials(now.withSecureBits(args.integer(1) & 0xff));
        return 0;
    }

    private static long setTimerSlack(Task task, Args args) {
        task.scheduling().setTimerSlackNanos(args.longValue(1) <= 0 ? 50_000 : args.longValue(1));
        return 0;
    }

    private static long setSubreaper(Task task, Args args) {
        task.group().setChildSubreaper(args.longValue(1) != 0);
        return 0;
    }

    private static long getSubreaper(Task task, Args args) throws ErrnoException {
        task.memory().writeInt(args.address(1), task.group().isChildSubreaper() ? 1 : 0);
        return 0;
    }

    private static long setNoNewPrivileges(Task task, Args args) throws ErrnoException {
        if (args.longValue(1) != 1
                || args.longValue(2) != 0
                || args.longValue(3) != 0
                || args.longValue(4) != 0) {
            throw Errno.EINVAL.error();
        }
        task.setCredentials(task.credentials().withNoNewPrivileges());
        return 0;
    }

    private static long getTidAddress(Task task, Args args) throws ErrnoException {
        task.memory().writeLong(args.address(1), task.clearChildTidAddress());
        return 0;
    }

    private static long ambient(Task task, Args args) throws ErrnoException {
        Credentials now = task.credentials();
        int operation = args.integer(1);
        if (operation == PR_CAP_AMBIENT_CLEAR_ALL) {
            task.setCredentials(now.withAmbient(0));
            return 0;
        }
        long bit = 1L << requireCapability(args.longValue(2));
        switch (operation) {
            case PR_CAP_AMBIENT_IS_SET -> {
                return (now.ambient() & bit) != 0 ? 1 : 0;
            }
            case PR_CAP_AMBIENT_LOWER -> task.setCredentials(now.withAmbient(now.ambient() & ~bit));
            case PR_CAP_AMBIENT_RAISE -> {
                if ((now.permitted() & now.inheritable() & bit) == 0) {
                    throw Errno.EPERM.error();
                }
                task.setCredentials(now.withAmbient(now.ambient() | bit));
            }
            default -> throw Errno.EINVAL.error();
        }
        return 0;
    }
}
