package dev.runsc.kernel.platform.stub;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

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
    static final int SLOT_STATE = 0;
    static final int SLOT_SIGNAL = 4;
    static final int SLOT_CONTEXT = 8;
    static final int SLOT_RAX = 16;
    static final int SLOT_RDI = 24;
    static final int SLOT_RSI = 32;
    static final int SLOT_RDX = 40;
    static final int SLOT_R10 = 48;
    static final int SLOT_R8 = 56;
    static final int SLOT_COMMAND = 64;
    static final int SLOT_SPIN = 68;
    static final int SLOT_FS_BASE = 72;
    static final int SLOT_GS_BASE = 80;
    static final int SLOT_THREAD_ID = 88;
    static final int SLOT_R9 = 128;
    static final int SLOT_R11 = 136;
    static final int SLOT_R12 = 144;
    static final int SLOT_R13 = 152;
    static final int SLOT_R14 = 160;
    static final int SLOT_R15 = 168;
    static final int SLOT_RBP = 176;
    static final int SLOT_RBX = 184;
    static final int SLOT_RCX = 192;
    static final int SLOT_RSP = 200;
    static final int SLOT_RIP = 208;
    static final int SLOT_EFLAGS = 216;
    static final int SLOT_FAST_STACK = 0x400;
    static final int SLOT_STACK = 0x400;

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

    private SlotLayout() {}

    /** The state, which changes at any time. */
    static int state(ByteBuffer slot) {
        int state = slot.getInt(SLOT_STATE);
        VarHandle.acquireFence();
        return state;
    }

    /** Stores a state that takes nobody's turn: before the thread's birth or after its end. */
    static void state(ByteBuffer slot, int state) {
        VarHandle.releaseFence();
        slot.putInt(SLOT_STATE, state);
        VarHandle.fullFence();
    }

    /**
     * Whether the stub has the thread. Anything that is no state at all is the guest's doing and
     * counts as a stop.
     */
    static boolean stubsTurn(int state) {
        return state == STATE_RUN || state == STATE_RUN_AWAITED;
    }
}
