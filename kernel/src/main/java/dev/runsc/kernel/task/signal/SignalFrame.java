package dev.runsc.kernel.task.signal;

import static dev.runsc.gofer.abi.SignalNumbers.SA_ONSTACK;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.gofer.abi.StackT;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.Register;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The frame a handler starts on and rt_sigreturn(2) undoes: Linux {@code struct rt_sigframe} of
 * x86-64 (arch/x86/include/asm/sigframe.h).
 *
 * <pre>
 *   0 return address (SA_RESTORER)
 *   8 ucontext: flags 8, link 16, stack 24 (24 bytes), registers 48 (23 x 8), fpstate pointer 232,
 *     reserved 240 (64 bytes), signal mask 304
 * 312 siginfo (128 bytes)
 * 440 end; the XSAVE area lies above, 64-byte aligned
 * </pre>
 */
public final class SignalFrame {
    private static final int FRAME_BYTES = 440;
    private static final int CONTEXT_OFFSET = 8;
    private static final int FLAGS = 8;
    private static final int STACK = 24;
    private static final int REGISTERS = 48;
    private static final int FPSTATE = 232;
    private static final int MASK = 304;
    private static final int INFO = 312;

    private static final long UC_FP_XSTATE = 1;
    private static final long UC_SIGCONTEXT_SS = 2;
    private static final long UC_STRICT_RESTORE_SS = 4;

    private static final int RED_ZONE_BYTES = 128;
    private static final int FP_XSTATE_MAGIC1 = 0x46505853;
    private static final int FP_XSTATE_MAGIC2 = 0x46505845;

    /** Where the software-reserved bytes lie in the legacy FXSAVE area. */
    private static final int SW_BYTES = 464;

    private static final int LEGACY_FPU_BYTES = 512;

    /** Legacy area and header. */
    private static final int SMALLEST_XSAVE_BYTES = 576;

    /** CS 0x33, SS 0x2b, the selectors of 64-bit user code. */
    private static final long USER_SELECTORS = 0x33L | 0x2bL << 48;

    private static final long DIRECTION_FLAG = 1 << 10;
    private static final long TRAP_FLAG = 1 << 8;
    private static final long RESUME_FLAG = 1 << 16;

    /** Flags that a guest may set by sigreturn (FIX_EFLAGS): AC OF DF TF SF ZF AF PF CF RF. */
    private static final long FIXED_FLAGS = 0x50dd5;

    private static final Register[] ORDER = Register.values();

    private SignalFrame() {}

    /**
     * Builds the frame and sets the registers to run the handler; false when the stack cannot take
     * it.
     */
    public static boolean push(
            GuestContext context,
            MemoryManager memory,
            AltStack altStack,
            SigInfo info,
            SignalHandlers.Action action,
            long mask,
            Platform platform) {
        long stackPointer = context.register(Register.RSP);
        byte[] fpu = withTrailer(context.fpuState(), platform);
        long top = stackPointer - RED_ZONE_BYTES;
        boolean onAlternate = altStack.contains(stackPointer);
        if (action.has(SA_ONSTACK) && altStack.isSet() && !onAlternate) {
            top = altStack.top();
            onAlternate = true;
        }
        long fpuAddress = top - fpu.length & -64L;
        long frameAddress = (fpuAddress - FRAME_BYTES & -16L) - 8;
        if (onAlternate && !altStack.contains(frameAddress + 1)) {
            return false;
        }
        ByteBuffer frame = ByteBuffer.allocate(FRAME_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        frame.putLong(0, action.restorer());
        frame.putLong(FLAGS, UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS);
        altStack.view(stackPointer).writeTo(frame.position(STACK));
        for (Register register : ORDER) {
            frame.putLong(REGISTERS + 8 * register.ordinal(), context.register(register));
        }
        frame.putLong(REGISTERS + 8 * Register.SELECTORS.ordinal(), USER_SELECTORS);
        frame.putLong(REGISTERS + 8 * Register.OLD_MASK.ordinal(), mask);
        frame.putLong(FPSTATE, fpuAddress);
        frame.putLong(MASK, mask);
        info.writeTo(frame.position(INFO));
        try {
            memory.copyOut(fpuAddress, fpu);
            memory.copyOut(frameAddress, frame.array());
        } catch (ErrnoException fault) {
            return false;
        }
        altStack.disarmIfAuto();
        enter(context, info.signal(), action.handler(), frameAddress);
        return true;
    }

    private static void enter(GuestContext context, int signal, long handler, long frame) {
        context.setRegister(Register.RDI, signal);
        context.setRegister(Register.RSI, frame + INFO);
        context.setRegister(Register.RDX, frame + CONTEXT_OFFSET);
        context.setRegister(Register.RAX, 0);
        context.setRegister(Register.RSP, frame);
        context.setRegister(Register.RIP, handler);
        long flags = context.register(Register.EFLAGS);
        context.setRegister(Register.EFLAGS, flags & ~(DIRECTION_FLAG | TRAP_FLAG | RESUME_FLAG));
    }

    /** What {@link #pop} leaves to the caller. */
    public record Restored(long mask, StackT altStack) {}

    /**
     * rt_sigreturn(2): takes the registers back from the frame that RSP points behind.
     *
     * @throws ErrnoException EFAULT when there is no valid frame: the guest gets SIGSEGV
     */
    public static Restored pop(GuestContext context, MemoryManager memory, Platform platform)
            throws ErrnoException {
        long frameAddress = context.register(Register.RSP) - 8;
        byte[] bytes = new byte[FRAME_BYTES];
        memory.copyIn(frameAddress, bytes);
        ByteBuffer frame = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        restoreFpu(context, memory, frame.getLong(FPSTATE), platform);
        for (Register register : ORDER) {
            if (register.ordinal() > Register.EFLAGS.ordinal()) {
                break;
            }
            long value = frame.getLong(REGISTERS + 8 * register.ordinal());
            if (register == Register.EFLAGS) {
                long now = context.register(Register.EFLAGS);
                value = now & ~FIXED_FLAGS | value & FIXED_FLAGS;
            }
            context.setRegister(register, value);
        }
        return new Restored(frame.getLong(MASK), StackT.readFrom(frame.position(STACK)));
    }

    private static void restoreFpu(
            GuestContext context, MemoryManager memory, long address, Platform platform)
            throws ErrnoException {
        if (address == 0) {
            context.resetFpu();
            return;
        }
        byte[] legacy = new byte[LEGACY_FPU_BYTES];
        memory.copyIn(address, legacy);
        ByteBuffer software = ByteBuffer.wrap(legacy).order(ByteOrder.LITTLE_ENDIAN);
        int size = software.getInt(SW_BYTES + 16);
        boolean extended =
                software.getInt(SW_BYTES) == FP_XSTATE_MAGIC1
                        && size <= platform.xsaveSize()
                        && size >= SMALLEST_XSAVE_BYTES;
        byte[] area = new byte[extended ? size : SMALLEST_XSAVE_BYTES];
        if (extended) {
            memory.copyIn(address, area);
        } else {
            System.arraycopy(legacy, 0, area, 0, LEGACY_FPU_BYTES);
            ByteBuffer.wrap(area).order(ByteOrder.LITTLE_ENDIAN).putLong(LEGACY_FPU_BYTES, 3);
        }
        Arrays.fill(area, SW_BYTES, LEGACY_FPU_BYTES, (byte) 0);
        try {
            context.setFpuState(area);
        } catch (PlatformException invalid) {
            throw dev.runsc.gofer.abi.Errno.EFAULT.error();
        }
    }

    private static byte[] withTrailer(byte[] xsave, Platform platform) {
        byte[] area = Arrays.copyOf(xsave, xsave.length + 4);
        ByteBuffer out = ByteBuffer.wrap(area).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(SW_BYTES, FP_XSTATE_MAGIC1);
        out.putInt(SW_BYTES + 4, area.length);
        out.putLong(SW_BYTES + 8, platform.xsaveFeatures());
        out.putInt(SW_BYTES + 16, xsave.length);
        out.putInt(xsave.length, FP_XSTATE_MAGIC2);
        return area;
    }
}
