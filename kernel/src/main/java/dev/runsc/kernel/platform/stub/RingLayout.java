package dev.runsc.kernel.platform.stub;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

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
    static final long RING_ENTRY_SIZE = 64;
    static final long RING_HEAD = 0;
    static final long RING_SPIN = 4;
    static final long RING_FEATURES = 8;
    static final long RING_EVENTFD = 12;
    static final long RING_BIRTH_STACK = 16;
    static final long RING_CALL_POINTER = 64;
    static final long RING_FIRST_ENTRY = 0x1000;

    static final long ENTRY_NUMBER = 0;
    static final long ENTRY_FLAGS = 4;
    static final long ENTRY_ARGUMENTS = 8;

    static final int ENTRY_FLAG_CLONE = 1;
    static final int ENTRY_FLAG_MAY_FAIL = 2;
    static final int ENTRY_FLAG_MUST_SUCCEED = 4;
    static final int ENTRY_FLAG_NOTIFY = 8;
    static final long EVENT_FAILED = 0x1_0000_0000L;

    static final long REPLY_DONE = 0;
    static final long REPLY_ERROR = 8;
    static final long REPLY_RESULT = 16;

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    /** SYS_sigaltstack's stack_t: address, flags, size. */
    private static final long STACK_SIZE_OFFSET = 16;

    private RingLayout() {}

    static void setUp(MemorySegment memory, long ring, int features, int eventNumber) {
        callPointer(memory, ring, (features & StubLayout.STUB_FEATURE_FAST_ENTRY) != 0);
        memory.set(ValueLayout.JAVA_INT, ring + RING_FEATURES, features);
        memory.set(ValueLayout.JAVA_INT, ring + RING_EVENTFD, eventNumber);
    }

    /** Which way calls from rewritten sites take from now on. */
    static void callPointer(MemorySegment memory, long ring, boolean fast) {
        long entry = fast ? StubLayout.STUB_FAST_ENTRY : StubLayout.STUB_SLOW_ENTRY;
        LONG.setVolatile(memory, ring + RING_CALL_POINTER, entry);
    }

    static void birthStack(MemorySegment memory, long ring, long address, long bytes) {
        memory.set(ValueLayout.JAVA_LONG, ring + RING_BIRTH_STACK, address);
        memory.set(ValueLayout.JAVA_LONG, ring + RING_BIRTH_STACK + STACK_SIZE_OFFSET, bytes);
    }

    /** What the guest process says was the last call's result. */
    static long result(MemorySegment memory, long reply) {
        return memory.get(ValueLayout.JAVA_LONG, reply + REPLY_RESULT);
    }

    /** What the guest process says was the last error: for messages only. */
    static long error(MemorySegment memory, long reply) {
        return memory.get(ValueLayout.JAVA_LONG, reply + REPLY_ERROR);
    }

    static void postHead(MemorySegment memory, long ring, int head) {
        INT.setVolatile(memory, ring + RING_HEAD, head);
    }

    static int doneAcquire(MemorySegment memory, long reply) {
        return (int) INT.getAcquire(memory, reply + REPLY_DONE);
    }

    static void request(
            MemorySegment memory, long entry, int number, int flags, long... arguments) {
        memory.set(ValueLayout.JAVA_INT, entry + ENTRY_NUMBER, number);
        memory.set(ValueLayout.JAVA_INT, entry + ENTRY_FLAGS, flags);
        for (int i = 0; i < arguments.length; i++) {
            memory.set(ValueLayout.JAVA_LONG, entry + ENTRY_ARGUMENTS + 8L * i, arguments[i]);
        }
    }

    static void addFlags(MemorySegment memory, long entry, int flags) {
        int old = memory.get(ValueLayout.JAVA_INT, entry + ENTRY_FLAGS);
        memory.set(ValueLayout.JAVA_INT, entry + ENTRY_FLAGS, old | flags);
    }
}
