package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.PtraceConstants.*;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.kernel.memory.Iovec;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.task.Ptrace;
import dev.runsc.kernel.task.Signals;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.TracedRegisters;
import dev.runsc.kernel.task.Tracing;
import dev.runsc.kernel.task.Tracing.Resume;
import dev.runsc.kernel.task.signal.PendingSignals;
import dev.runsc.kernel.task.signal.SignalSet;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** ptrace(2): what its requests read and write. */
final class PtraceCalls {
    private static final int SET_BYTES = 8;

    /** {@code sizeof(struct user)} and where its debug registers are (sys/user.h). */
    private static final int USER_BYTES = 912;

    private static final int DEBUG_REGISTERS = 848;

    // Note types of elf.h.
    private static final int NT_PRSTATUS = 1;
    private static final int NT_PRFPREG = 2;
    private static final int NT_X86_XSTATE = 0x202;

    private static final int AUDIT_ARCH_X86_64 = 0xc000003e;

    /** {@code struct ptrace_syscall_info}: up to where its parts reach. */
    private static final int CALL_INFO_BYTES = 88;

    private static final int CALL_INFO_HEAD = 24;
    private static final int CALL_INFO_ENTRY = 80;
    private static final int CALL_INFO_EXIT = 33;

    /** A stop for a seccomp filter. */
    private static final int FILTER_STOP = SignalNumbers.SIGTRAP | PTRACE_EVENT_SECCOMP << 8;

    // struct user_regs_struct
    private static final int RAX = 80;
    private static final int ORIGINAL_CALL = 120;
    private static final int RIP = 128;
    private static final int RSP = 152;

    /** rdi rsi rdx r10 r8 r9 */
    private static final int[] ARGUMENTS = {112, 104, 96, 56, 72, 64};

    private PtraceCalls() {}

    /** One use of the call. */
    private record Asked(Task tracer, Task tracee, int request, long address, long data) {}

    static long ptrace(Task task, Args args) throws ErrnoException {
        int request = args.integer(0);
        if (request == PTRACE_TRACEME) {
            Ptrace.traceMe(task);
            return 0;
        }
        Task target = find(task, args.integer(1));
        long address = args.address(2);
        long data = args.longValue(3);
        switch (request) {
            case PTRACE_ATTACH -> Ptrace.attach(task, target, false, 0);
            case PTRACE_SEIZE -> {
                if (address != 0 || (data & ~PTRACE_O_MASK) != 0) {
                    throw Errno.EIO.error();
                }
                Ptrace.attach(task, target, true, (int) data);
            }
            case PTRACE_INTERRUPT -> {
                Ptrace.requireTracee(task, target);
                Ptrace.interrupt(target);
            }
            case PTRACE_KILL -> {
                Ptrace.requireTracee(task, target);
                int uid = task.credentials().uid();
                int pid = task.group().pid().in(target.namespace());
                Signals.sendToTask(
                        target,
                        SigInfo.kill(SignalNumbers.SIGKILL, SignalNumbers.SI_USER, pid, uid));
            }
            default -> {
                Asked asked = new Asked(task, target, request, address, data);
                return Ptrace.whileStopped(task, target, () -> whileStopped(asked));
            }
        }
        return 0;
    }

    private static Task find(Task task, int tid) throws ErrnoException {
        if (tid <= 0) {
            throw Errno.ESRCH.error();
        }
        return Processes.requireTask(task, tid);
    }

    private static long whileStopped(Asked asked) throws ErrnoException {
        Task tracee = asked.tracee;
        switch (asked.request) {
            case PTRACE_CONT -> resume(asked, Resume.CONTINUE);
            case PTRACE_SYSCALL -> resume(asked, Resume.CALLS);
            case PTRACE_SYSEMU -> resume(asked, Resume.SKIP_CALLS);
            case PTRACE_SINGLESTEP -> resume(asked, Resume.STEP);
            case PTRACE_SYSEMU_SINGLESTEP -> resume(asked, Resume.STEP_SKIP_CALLS);
            case PTRACE_DETACH -> Ptrace.detach(tracee, requireSignal(asked.data));
            case PTRACE_LISTEN -> Ptrace.listen(tracee);
            case PTRACE_SETOPTIONS, PTRACE_OLDSETOPTIONS -> {
                if ((asked.data & ~PTRACE_O_MASK) != 0) {
                    throw Errno.EINVAL.error();
                }
                tracee.tracing().setOptions((int) asked.data);
            }
            case PTRACE_PEEKTEXT, PTRACE_PEEKDATA -> {
                byte[] word = new byte[Long.BYTES];
                peek(tracee, asked.address, word);
                asked.tracer.memory().copyOut(asked.data, word);
            }
            case PTRACE_POKETEXT, PTRACE_POKEDATA -> poke(tracee, asked.address, asked.data);
            case PTRACE_PEEKUSR -> {
                long value = peekUser(tracee, asked.address);
                asked.tracer.memory().writeLong(asked.data, value);
            }
            case PTRACE_POKEUSR -> pokeUser(tracee, asked.address, asked.data);
            default -> {
                return registersOrSignals(asked);
            }
        }
        return 0;
    }

    private static long registersOrSignals(Asked asked) throws ErrnoException {
        Task tracee = asked.tracee;
        MemoryManager own = asked.tracer.memory();
        switch (asked.request) {
            case PTRACE_GETREGS -> own.copyOut(asked.data, TracedRegisters.general(tracee));
            case PTRACE_SETREGS -> {
                byte[] registers = new byte[TracedRegisters.GENERAL_BYTES];
                own.copyIn(asked.data, registers);
                TracedRegisters.setGeneral(tracee, registers);
            }
            case PTRACE_GETFPREGS -> own.copyOut(asked.data, TracedRegisters.fpu(tracee));
            case PTRACE_SETFPREGS -> {
                byte[] registers = new byte[TracedRegisters.FPU_BYTES];
                own.copyIn(asked.data, registers);
                TracedRegisters.setFpu(tracee, registers);
            }
            case PTRACE_GETREGSET -> getRegisterSet(asked);
            case PTRACE_SETREGSET -> setRegisterSet(asked);
            case PTRACE_GETEVENTMSG -> own.writeLong(asked.data, tracee.tracing().message());
            case PTRACE_GETSIGINFO -> own.copyOut(asked.data, information(tracee));
            case PTRACE_SETSIGINFO -> {
                information(tracee);
                byte[] info = new byte[SigInfo.BYTES];
                own.copyIn(asked.data, info);
                tracee.tracing().setInformation(info);
            }
            case PTRACE_GETSIGMASK -> {
                requireSetSize(asked.address);
                own.writeLong(asked.data, tracee.signalMask());
            }
            case PTRACE_SETSIGMASK -> {
                requireSetSize(asked.address);
                tracee.setSignalMask(own.readLong(asked.data));
            }
            case PTRACE_PEEKSIGINFO -> {
                return peekSignals(asked);
            }
            case PTRACE_GET_SYSCALL_INFO -> {
                return callInfo(asked);
            }
            default -> throw Errno.EIO.error();
        }
        return 0;
    }

    private static void resume(Asked asked, Resume how) throws ErrnoException {
        Ptrace.resume(asked.tracee, how, requireSignal(asked.data));
    }

    private static int requireSignal(long data) throws ErrnoException {
        if (data < 0 || data > SignalSet.MAX_SIGNAL) {
            throw Errno.EIO.error();
        }
        return (int) data;
    }

    private static void requireSetSize(long size) throws ErrnoException {
        if (size != SET_BYTES) {
            throw Errno.EINVAL.error();
        }
    }

    // ---- Memory

    private static MemoryManager memory(Task tracee) throws ErrnoException {
        MemoryManager memory = tracee.findMemory();
        if (memory == null) {
            throw Errno.EIO.error();
        }
        return memory;
    }

    private static void peek(Task tracee, long address, byte[] word) throws ErrnoException {
        try {
            memory(tracee).forceRead(address, MemorySegment.ofArray(word));
        } catch (ErrnoException unmapped) {
            throw Errno.EIO.error();
        }
    }

    private static void poke(Task tracee, long address, long value) throws ErrnoException {
        byte[] word = new byte[Long.BYTES];
        ByteBuffer.wrap(word).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
        try {
            memory(tracee).forceWrite(address, MemorySegment.ofArray(word));
        } catch (ErrnoException unmapped) {
            throw Errno.EIO.error();
        }
    }

    // ---- struct user

    private static void requireUserPlace(long place) throws ErrnoException {
        if (place < 0 || place >= USER_BYTES || (place & Long.BYTES - 1) != 0) {
            throw Errno.EIO.error();
        }
    }

    private static long peekUser(Task tracee, long place) throws ErrnoException {
        requireUserPlace(place);
        if (place >= TracedRegisters.GENERAL_BYTES) {
            return 0;
        }
        return littleEndian(TracedRegisters.general(tracee)).getLong((int) place);
    }

    private static void pokeUser(Task tracee, long place, long value) throws ErrnoException {
        requireUserPlace(place);
        if (place < TracedRegisters.GENERAL_BYTES) {
            TracedRegisters.setGeneral(tracee, (int) place / Long.BYTES, value);
        } else if (place < DEBUG_REGISTERS || value != 0) {
            throw Errno.EIO.error(); // no debug registers: they can only be cleared
        }
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    // ---- Register sets

    private static Iovec vector(Asked asked) throws ErrnoException {
        ByteBuffer in = Users.read(asked.tracer, asked.data, Iovec.SIZE);
        return new Iovec(in.getLong(0), in.getLong(Long.BYTES));
    }

    private static void noteLength(Asked asked, long length) throws ErrnoException {
        asked.tracer.memory().writeLong(asked.data + Long.BYTES, length);
    }

    private static void getRegisterSet(Asked asked) throws ErrnoException {
        byte[] registers =
                switch ((int) asked.address) {
                    case NT_PRSTATUS -> TracedRegisters.general(asked.tracee);
                    case NT_PRFPREG -> TracedRegisters.fpu(asked.tracee);
                    case NT_X86_XSTATE -> TracedRegisters.extended(asked.tracee);
                    default -> throw Errno.EINVAL.error();
                };
        Iovec vector = vector(asked);
        if (vector.length() % Long.BYTES != 0) {
            throw Errno.EINVAL.error();
        }
        int length =
                Long.compareUnsigned(vector.length(), registers.length) < 0
                        ? (int) vector.length()
                        : registers.length;
        asked.tracer.memory().copyOut(vector.address(), Arrays.copyOf(registers, length));
        noteLength(asked, length);
    }

    private static void setRegisterSet(Asked asked) throws ErrnoException {
        int most =
                switch ((int) asked.address) {
                    case NT_PRSTATUS -> TracedRegisters.GENERAL_BYTES;
                    case NT_PRFPREG -> TracedRegisters.FPU_BYTES;
                    case NT_X86_XSTATE -> TracedRegisters.extended(asked.tracee).length;
                    default -> throw Errno.EINVAL.error();
                };
        Iovec vector = vector(asked);
        if (vector.length() % Long.BYTES != 0) {
            throw Errno.EINVAL.error();
        }
        int length = Long.compareUnsigned(vector.length(), most) < 0 ? (int) vector.length() : most;
        byte[] registers = new byte[length];
        asked.tracer.memory().copyIn(vector.address(), registers);
        switch ((int) asked.address) {
            case NT_PRSTATUS -> TracedRegisters.setGeneral(asked.tracee, registers);
            case NT_PRFPREG -> TracedRegisters.setFpu(asked.tracee, registers);
            default -> TracedRegisters.setExtended(asked.tracee, registers);
        }
        noteLength(asked, length);
    }

    // ---- Signals

    private static byte[] information(Task tracee) throws ErrnoException {
        byte[] information = tracee.tracing().information();
        if (information == null) {
            throw Errno.EINVAL.error(); // a group stop
        }
        return information;
    }

    /** PTRACE_PEEKSIGINFO: what is pending, in queue order. */
    private static long peekSignals(Asked asked) throws ErrnoException {
        ByteBuffer what = Users.read(asked.tracer, asked.address, 16);
        long offset = what.getLong(0);
        int flags = what.getInt(8);
        int count = what.getInt(12);
        if ((flags & ~PTRACE_PEEKSIGINFO_SHARED) != 0 || count < 0) {
            throw Errno.EINVAL.error();
        }
        List<SigInfo> pending = pending(asked.tracee, (flags & PTRACE_PEEKSIGINFO_SHARED) != 0);
        long done = 0;
        while (done < count && offset >= 0 && offset + done < pending.size()) {
            SigInfo info = pending.get((int) (offset + done));
            Users.write(asked.tracer, asked.data + done * SigInfo.BYTES, info);
            done++;
        }
        return done;
    }

    private static List<SigInfo> pending(Task tracee, boolean shared) {
        KernelLock lock = tracee.group().handlers().lock();
        lock.lock();
        try {
            PendingSignals pending =
                    shared ? tracee.group().pendingLocked() : tracee.pendingLocked();
            return pending.queued();
        } finally {
            lock.unlock();
        }
    }

    // ---- PTRACE_GET_SYSCALL_INFO

    /**
     * <pre>
     * 0 op   4 arch   8 instruction pointer   16 stack pointer
     * 24 entry: number, 6 arguments           24 exit: result, is_error (1 byte)
     * 24 filter: as entry, then its data (4 bytes)
     * </pre>
     */
    private static long callInfo(Asked asked) throws ErrnoException {
        ByteBuffer registers = littleEndian(TracedRegisters.general(asked.tracee));
        Tracing.Stop stop = asked.tracee.tracing().stop();
        ByteBuffer out = littleEndian(new byte[CALL_INFO_BYTES]);
        out.putInt(4, AUDIT_ARCH_X86_64);
        out.putLong(8, registers.getLong(RIP)).putLong(16, registers.getLong(RSP));
        int length = CALL_INFO_HEAD;
        boolean filtered = stop != null && stop.code() == FILTER_STOP;
        if (filtered || stop != null && isMarkedCall(stop, Tracing.Kind.CALL_ENTRY)) {
            int what = filtered ? PTRACE_SYSCALL_INFO_SECCOMP : PTRACE_SYSCALL_INFO_ENTRY;
            out.put(0, (byte) what);
            out.putLong(24, registers.getLong(ORIGINAL_CALL));
            for (int i = 0; i < ARGUMENTS.length; i++) {
                out.putLong(32 + i * Long.BYTES, registers.getLong(ARGUMENTS[i]));
            }
            length = CALL_INFO_ENTRY;
            if (filtered) {
                out.putInt(length, (int) asked.tracee.tracing().message());
                length += Integer.BYTES;
            }
        } else if (stop != null && isMarkedCall(stop, Tracing.Kind.CALL_EXIT)) {
            long result = registers.getLong(RAX);
            out.put(0, (byte) PTRACE_SYSCALL_INFO_EXIT);
            out.putLong(24, result);
            out.put(32, (byte) (Long.compareUnsigned(result, -4095) >= 0 ? 1 : 0));
            length = CALL_INFO_EXIT;
        }
        int copied = (int) Math.min(length, asked.address < 0 ? length : asked.address);
        asked.tracer.memory().copyOut(asked.data, Arrays.copyOf(out.array(), copied));
        return length;
    }

    /** Only with PTRACE_O_TRACESYSGOOD does Linux know these stops from others. */
    private static boolean isMarkedCall(Tracing.Stop stop, Tracing.Kind kind) {
        return stop.kind() == kind && (stop.code() & 0x80) != 0;
    }
}
