package dev.runsc.kernel.platform.stub;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A guest thread's slot ({@code struct stub_slot} of {@code stub.h}). Any thread of the guest can
 * write all of it.
 *
 * <pre>
 *    0 state   4 signal  8 context   16 RAX RDI RSI RDX R10 R8
 *   64 command 68 spin  72 FS base   80 GS base  88 thread id
 *  128 R9 R11-R15 RBP RBX RCX RSP RIP EFLAGS                ... 1024 top of the fast entry's stack
 * 1024 alternate stack, up to 64 KiB
 * </pre>
 */
final class SlotLayout {
    static final long SLOT_STATE = 0;
    static final long SLOT_SIGNAL = 4;
    static final long SLOT_CONTEXT = 8;
    static final long SLOT_RAX = 16;
    static final long SLOT_RDI = 24;
    static final long SLOT_RSI = 32;
    static final long SLOT_RDX = 40;
    static final long SLOT_R10 = 48;
    static final long SLOT_R8 = 56;
    static final long SLOT_COMMAND = 64;
    static final long SLOT_SPIN = 68;
    static final long SLOT_FS_BASE = 72;
    static final long SLOT_GS_BASE = 80;
    static final long SLOT_THREAD_ID = 88;
    static final long SLOT_R9 = 128;
    static final long SLOT_R11 = 136;
    static final long SLOT_R12 = 144;
    static final long SLOT_R13 = 152;
    static final long SLOT_R14 = 160;
    static final long SLOT_R15 = 168;
    static final long SLOT_RBP = 176;
    static final long SLOT_RBX = 184;
    static final long SLOT_RCX = 192;
    static final long SLOT_RSP = 200;
    static final long SLOT_RIP = 208;
    static final long SLOT_EFLAGS = 216;
    static final long SLOT_FAST_STACK = 0x400;
    static final long SLOT_STACK = 0x400;

    static final int SIGNAL_FAST_CALL = 0;
    static final int SIGNAL_SLOW_CALL = 65;
    static final int SIGNAL_GATE_CALL = 66;

    static final int STATE_GONE = 0;
    static final int STATE_RUN = 1;
    static final int STATE_EVENT = 2;
    static final int STATE_RUN_AWAITED = 3;
    static final int STATE_EVENT_AWAITED = 4;

    static final int COMMAND_SET_FS = 1;
    static final int COMMAND_SET_GS = 2;
    static final int COMMAND_EXIT = 4;
    static final int COMMAND_FRAME = 8;
    static final int COMMAND_AMX = 16;

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private SlotLayout() {}

    static int stateAcquire(MemorySegment memory, long slot) {
        return (int) INT.getAcquire(memory, slot + SLOT_STATE);
    }

    static int stateVolatile(MemorySegment memory, long slot) {
        return (int) INT.getVolatile(memory, slot + SLOT_STATE);
    }

    static void stateVolatile(MemorySegment memory, long slot, int state) {
        INT.setVolatile(memory, slot + SLOT_STATE, state);
    }

    static int exchangeState(MemorySegment memory, long slot, int state) {
        return (int) INT.getAndSet(memory, slot + SLOT_STATE, state);
    }

    static boolean compareAndSetState(MemorySegment memory, long slot, int expected, int state) {
        return INT.compareAndSet(memory, slot + SLOT_STATE, expected, state);
    }

    /**
     * Whether the stub has the thread. Anything that is no state at all is the guest's doing and
     * counts as a stop.
     */
    static boolean stubsTurn(int state) {
        return state == STATE_RUN || state == STATE_RUN_AWAITED;
    }

    static void command(MemorySegment memory, long slot, int command) {
        memory.set(ValueLayout.JAVA_INT, slot + SLOT_COMMAND, command);
    }

    static void spin(MemorySegment memory, long slot, int rounds) {
        memory.set(ValueLayout.JAVA_INT, slot + SLOT_SPIN, rounds);
    }

    static int signal(MemorySegment memory, long slot) {
        return memory.get(ValueLayout.JAVA_INT, slot + SLOT_SIGNAL);
    }

    static int context(MemorySegment memory, long slot) {
        return memory.get(ValueLayout.JAVA_INT, slot + SLOT_CONTEXT);
    }

    static int threadId(MemorySegment memory, long slot) {
        return memory.get(ValueLayout.JAVA_INT, slot + SLOT_THREAD_ID);
    }

    static long fsBase(MemorySegment memory, long slot) {
        return memory.get(ValueLayout.JAVA_LONG, slot + SLOT_FS_BASE);
    }

    static void fsBase(MemorySegment memory, long slot, long base) {
        memory.set(ValueLayout.JAVA_LONG, slot + SLOT_FS_BASE, base);
    }

    static long gsBase(MemorySegment memory, long slot) {
        return memory.get(ValueLayout.JAVA_LONG, slot + SLOT_GS_BASE);
    }

    static void gsBase(MemorySegment memory, long slot, long base) {
        memory.set(ValueLayout.JAVA_LONG, slot + SLOT_GS_BASE, base);
    }
}
