package dev.runsc.kernel.platform.stub;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A guest thread's slot ({@code struct stub_slot} of {@code stub.h}). Any thread of the guest can
 * write all of it.
 *
 * <pre>
 *    0 state   4 command   8 spin
 *   64 registers of a fast call: 18 longs in the order of Register
 *  208 signal  212 context  216 FS base  224 GS base  232 thread id     ... 1024 top of the fast entry's stack
 * 1024 alternate stack, up to 64 KiB
 * </pre>
 */
final class SlotLayout {
    static final long SLOT_STATE = 0;
    static final long SLOT_COMMAND = 4;
    static final long SLOT_SPIN = 8;
    static final long SLOT_REGISTERS = 64;
    static final int SLOT_REGISTER_COUNT = 18;
    static final long SLOT_SIGNAL = 208;
    static final long SLOT_CONTEXT = 212;
    static final long SLOT_FS_BASE = 216;
    static final long SLOT_GS_BASE = 224;
    static final long SLOT_THREAD_ID = 232;
    static final long SLOT_FAST_STACK = 0x400;
    static final long SLOT_STACK = 0x400;

    static final int SIGNAL_FAST_CALL = 0;
    static final int SIGNAL_SLOW_CALL = 65;

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
