package dev.runsc.kernel.task;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.Register;
import dev.runsc.kernel.sync.InterruptedSyscall.Restart;
import dev.runsc.kernel.task.RunState.Restarting;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A stopped tracee's registers in the forms of ptrace(2): {@code struct user_regs_struct}, {@code
 * struct user_fpregs_struct} (sys/user.h) and the XSAVE area of NT_X86_XSTATE; and what tracing
 * itself does to registers.
 *
 * <pre>
 * user_regs_struct: r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags
 *                   rsp ss fs_base gs_base ds es fs gs, 8 bytes each
 * </pre>
 */
public final class TracedRegisters {
    private static final Register[] ORDER = {
        Register.R15, Register.R14, Register.R13, Register.R12, Register.RBP, Register.RBX,
        Register.R11, Register.R10, Register.R9, Register.R8, Register.RAX, Register.RCX,
        Register.RDX, Register.RSI, Register.RDI
    };

    public static final int GENERAL_BYTES = 27 * Long.BYTES;
    public static final int FPU_BYTES = 512;
    private static final int SMALLEST_XSAVE_BYTES = 576;

    private static final int ORIGINAL_CALL = 15;
    private static final int RIP = 16;
    private static final int CS = 17;
    private static final int EFLAGS = 18;
    private static final int RSP = 19;
    private static final int SS = 20;
    private static final int FS_BASE = 21;
    private static final int GS_BASE = 22;

    private static final long USER_CS = 0x33;
    private static final long USER_SS = 0x2b;

    private static final long TRAP_FLAG = 1 << 8;

    /** FLAG_MASK of arch/x86/kernel/ptrace.c: what a tracer may set. */
    private static final long OPEN_FLAGS = 0x54dd5;

    /** Where Linux puts XCR0 in the area (USER_XSTATE_XCR0_WORD). */
    private static final int XSTATE_FEATURES = 464;

    private static final int XSTATE_BV = 512;

    /** x87 and SSE. */
    private static final long LEGACY_COMPONENTS = 3;

    // include/linux/errno.h: what RAX is in a call that was cut short.
    private static final long ERESTARTSYS = -512;
    private static final long ERESTARTNOINTR = -513;
    private static final long ERESTARTNOHAND = -514;
    private static final long ERESTART_RESTARTBLOCK = -516;

    private TracedRegisters() {}

    // ---- What tracing does to registers

    /** Shows the registers as Linux has them at a stop. */
    static void beforeStop(Task task, @Nullable Restarting restart) {
        disarmStep(task);
        if (restart == null) {
            return;
        }
        GuestContext context = task.context();
        task.tracing().setOriginalCall(context.register(Register.RAX));
        context.setRegister(
                Register.RAX,
                switch (restart.restart()) {
                    case SYSTEM -> ERESTARTSYS;
                    case ALWAYS -> ERESTARTNOINTR;
                    case NO_HANDLER -> ERESTARTNOHAND;
                    case BLOCK -> ERESTART_RESTARTBLOCK;
                });
    }

    /**
     * After a stop: whether the registers, as the tracer left them, say that a call is to be
     * repeated (arch_do_signal_or_restart). If so RAX is the number again.
     */
    static @Nullable Restarting restartAfterStop(Task task) {
        GuestContext context = task.context();
        long number = task.tracing().originalCall();
        long result = context.register(Register.RAX);
        Restart restart;
        if (result == ERESTARTSYS) {
            restart = Restart.SYSTEM;
        } else if (result == ERESTARTNOINTR) {
            restart = Restart.ALWAYS;
        } else if (result == ERESTARTNOHAND) {
            restart = Restart.NO_HANDLER;
        } else {
            restart = Restart.BLOCK;
        }
        if (number < 0 || restart == Restart.BLOCK && result != ERESTART_RESTARTBLOCK) {
            return null;
        }
        context.setRegister(Register.RAX, number);
        return new Restarting(restart, false);
    }

    /** Sets the trap flag for one step, in a stopped task. */
    static void armStep(Task task) {
        GuestContext context = TaskLoop.ensureContext(task);
        if (context == null) {
            return;
        }
        // With a signal frame to return by, the step is the guest's first instruction.
        context.register(Register.SELECTORS);
        long flags = context.register(Register.EFLAGS);
        if ((flags & TRAP_FLAG) == 0) {
            context.setRegister(Register.EFLAGS, flags | TRAP_FLAG);
            task.tracing().setTrapFlagForced(true);
        }
    }

    /** Takes a trap flag back that the guest did not set. */
    static void disarmStep(Task task) {
        GuestContext context = task.findContext();
        if (task.tracing().isTrapFlagForced()) {
            task.tracing().setTrapFlagForced(false);
            if (context != null) {
                long flags = context.register(Register.EFLAGS);
                context.setRegister(Register.EFLAGS, flags & ~TRAP_FLAG);
            }
        }
    }

    /** EFLAGS of a child, without its parent's tracer's trap flag. */
    static long flagsForChild(Task parent, long flags) {
        return parent.tracing().isTrapFlagForced() ? flags & ~TRAP_FLAG : flags;
    }

    // ---- struct user_regs_struct

    private static GuestContext require(Task tracee) throws ErrnoException {
        GuestContext context = TaskLoop.ensureContext(tracee);
        if (context == null) {
            throw Errno.ESRCH.error();
        }
        return context;
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The general registers of a stopped tracee. */
    public static byte[] general(Task tracee) throws ErrnoException {
        GuestContext context = require(tracee);
        byte[] bytes = new byte[GENERAL_BYTES];
        ByteBuffer out = buffer(bytes);
        for (int i = 0; i < ORDER.length; i++) {
            out.putLong(i * Long.BYTES, context.register(ORDER[i]));
        }
        out.putLong(ORIGINAL_CALL * Long.BYTES, tracee.tracing().originalCall());
        out.putLong(RIP * Long.BYTES, context.register(Register.RIP));
        out.putLong(CS * Long.BYTES, USER_CS);
        out.putLong(EFLAGS * Long.BYTES, context.register(Register.EFLAGS));
        out.putLong(RSP * Long.BYTES, context.register(Register.RSP));
        out.putLong(SS * Long.BYTES, USER_SS);
        out.putLong(FS_BASE * Long.BYTES, context.fsBase());
        out.putLong(GS_BASE * Long.BYTES, context.gsBase());
        return bytes;
    }

    /**
     * Sets general registers from the first on, as many as there are.
     *
     * @throws ErrnoException EIO for values that no user code can have
     */
    public static void setGeneral(Task tracee, byte[] bytes) throws ErrnoException {
        ByteBuffer in = buffer(bytes);
        for (int i = 0; (i + 1) * Long.BYTES <= bytes.length; i++) {
            setGeneral(tracee, i, in.getLong(i * Long.BYTES));
        }
    }

    /** Sets one general register, by its place in {@code struct user_regs_struct} (putreg). */
    public static void setGeneral(Task tracee, int index, long value) throws ErrnoException {
        GuestContext context = require(tracee);
        if (index < ORDER.length) {
            context.setRegister(ORDER[index], value);
            return;
        }
        switch (index) {
            case ORIGINAL_CALL -> tracee.tracing().setOriginalCall(value);
            case RIP -> context.setRegister(Register.RIP, value);
            case RSP -> context.setRegister(Register.RSP, value);
            case EFLAGS -> {
                long now = context.register(Register.EFLAGS);
                long flags = now & ~OPEN_FLAGS | value & OPEN_FLAGS;
                context.setRegister(Register.EFLAGS, flags);
            }
            case FS_BASE -> {
                requireUserAddress(value);
                if (context.fsBase() != value) {
                    context.setFsBase(value);
                }
            }
            case GS_BASE -> {
                requireUserAddress(value);
                if (context.gsBase() != value) {
                    context.setGsBase(value);
                }
            }
            case CS, SS -> requireSelector(value, false);
            default -> requireSelector(value, true);
        }
    }

    private static void requireUserAddress(long value) throws ErrnoException {
        if (value < 0 || value >= 1L << 47) {
            throw Errno.EIO.error();
        }
    }

    /** Selectors cannot be changed here; those of the kernel are refused (invalid_selector). */
    private static void requireSelector(long value, boolean mayBeZero) throws ErrnoException {
        if ((value & 0xffff) == 0 ? !mayBeZero : (value & 3) != 3) {
            throw Errno.EIO.error();
        }
    }

    // ---- FPU

    /** {@code struct user_fpregs_struct}: what FXSAVE writes. */
    public static byte[] fpu(Task tracee) throws ErrnoException {
        byte[] area = Arrays.copyOf(require(tracee).fpuState(), FPU_BYTES);
        Arrays.fill(area, XSTATE_FEATURES, FPU_BYTES, (byte) 0);
        return area;
    }

    public static void setFpu(Task tracee, byte[] fxsave) throws ErrnoException {
        if (fxsave.length != FPU_BYTES) {
            throw Errno.EINVAL.error();
        }
        byte[] area = require(tracee).fpuState();
        byte[] changed = Arrays.copyOf(area, Math.max(area.length, SMALLEST_XSAVE_BYTES));
        System.arraycopy(fxsave, 0, changed, 0, FPU_BYTES);
        ByteBuffer words = buffer(changed);
        words.putLong(XSTATE_BV, words.getLong(XSTATE_BV) | LEGACY_COMPONENTS);
        replaceFpu(tracee, changed);
    }

    /** NT_X86_XSTATE: the XSAVE area, with the machine's features in its software bytes. */
    public static byte[] extended(Task tracee) throws ErrnoException {
        Platform platform = tracee.taskSet().host().platform();
        byte[] area = Arrays.copyOf(require(tracee).fpuState(), platform.xsaveSize());
        buffer(area).putLong(XSTATE_FEATURES, platform.xsaveFeatures());
        return area;
    }

    public static void setExtended(Task tracee, byte[] area) throws ErrnoException {
        if (area.length != tracee.taskSet().host().platform().xsaveSize()) {
            throw Errno.EFAULT.error();
        }
        replaceFpu(tracee, area.clone());
    }

    private static void replaceFpu(Task tracee, byte[] area) throws ErrnoException {
        Arrays.fill(area, XSTATE_FEATURES, FPU_BYTES, (byte) 0);
        try {
            require(tracee).setFpuState(area);
        } catch (PlatformException refused) {
            throw Errno.EINVAL.error();
        }
    }
}
