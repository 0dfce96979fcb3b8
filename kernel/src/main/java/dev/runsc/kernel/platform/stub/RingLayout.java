package dev.runsc.kernel.platform.stub;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * A process's request ring ({@code struct stub_ring} of {@code stub.h}, read-only in the stub) and
 * its reply page ({@code struct stub_reply}, which any guest thread can write).
 *
 * <pre>
 *   ring   0 head   4 spin   8 features  12 eventfd  16 birth stack (stack_t)  64 call pointer  4096 entries
 *   entry  0 number 4 flags  8 six arguments                                    64 bytes each
 *   reply  0 done   8 error  16 result
 * </pre>
 */
final class RingLayout {
    static final int RING_ENTRIES = 64;
    static final int RING_ENTRY_SIZE = 64;
    static final int RING_HEAD = 0;
    static final int RING_SPIN = 4;
    static final int RING_FEATURES = 8;
    static final int RING_EVENTFD = 12;
    static final int RING_BIRTH_STACK = 16;
    static final int RING_CALL_POINTER = 64;
    static final int RING_FIRST_ENTRY = 0x1000;

    static final int ENTRY_NUMBER = 0;
    static final int ENTRY_FLAGS = 4;
    static final int ENTRY_ARGUMENTS = 8;

    static final int ENTRY_FLAG_CLONE = 1;
    static final int ENTRY_FLAG_MAY_FAIL = 2;
    static final int ENTRY_FLAG_MUST_SUCCEED = 4;
    static final int ENTRY_FLAG_NOTIFY = 8;
    static final long EVENT_FAILED = 0x1_0000_0000L;

    static final int REPLY_DONE = 0;
    static final int REPLY_ERROR = 8;
    static final int REPLY_RESULT = 16;

    /** SYS_sigaltstack's stack_t: address, flags, size. */
    private static final int STACK_SIZE_OFFSET = 16;

    private RingLayout() {}

    static void setUp(ByteBuffer block, int features, int eventNumber) {
        callPointer(block, (features & StubLayout.STUB_FEATURE_FAST_ENTRY) != 0);
        block.putInt(RING_FEATURES, features);
        block.putInt(RING_EVENTFD, eventNumber);
    }

    /** Which way calls from rewritten sites take from now on. */
    static void callPointer(ByteBuffer block, boolean fast) {
        long entry = fast ? StubLayout.STUB_FAST_ENTRY : StubLayout.STUB_SLOW_ENTRY;
        block.putLong(RING_CALL_POINTER, entry);
        VarHandle.fullFence();
    }

    static void birthStack(ByteBuffer block, long address, long bytes) {
        block.putLong(RING_BIRTH_STACK, address);
        block.putLong(RING_BIRTH_STACK + STACK_SIZE_OFFSET, bytes);
    }

    /** What the guest process says was the last call's result. */
    static long result(ByteBuffer block) {
        return block.getLong(StubLayout.CONTROL_REPLY_OFFSET + REPLY_RESULT);
    }

    /** What the guest process says was the last error: for messages only. */
    static long error(ByteBuffer block) {
        return block.getLong(StubLayout.CONTROL_REPLY_OFFSET + REPLY_ERROR);
    }

    /** Shows the requests up to this one to the manager, with all that was written before. */
    static void postHead(ByteBuffer block, int head) {
        VarHandle.releaseFence();
        block.putInt(RING_HEAD, head);
        VarHandle.fullFence();
    }

    static void request(ByteBuffer block, int entry, int number, int flags, long... arguments) {
        block.putInt(entry + ENTRY_NUMBER, number);
        block.putInt(entry + ENTRY_FLAGS, flags);
        for (int i = 0; i < arguments.length; i++) {
            block.putLong(entry + ENTRY_ARGUMENTS + Long.BYTES * i, arguments[i]);
        }
    }

    static void addFlags(ByteBuffer block, int entry, int flags) {
        block.putInt(entry + ENTRY_FLAGS, block.getInt(entry + ENTRY_FLAGS) | flags);
    }

    /** Leaves nothing of one guest for the next. */
    static void clearReply(ByteBuffer block) {
        block.put(StubLayout.CONTROL_REPLY_OFFSET, new byte[StubLayout.STUB_REPLY_SIZE]);
    }
}
