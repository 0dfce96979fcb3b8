package dev.runsc.kernel.platform.stub;

import dev.runsc.gofer.abi.FutexOps;
import dev.runsc.gofer.abi.SyscallNumbers;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The two host calls of the trap path, bound here for what the general binding does not offer: no
 * errno, which nobody needs, and for the wake, which never blocks, no change of the thread's state.
 */
final class HostCalls {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;

    /** syscall(number, address, operation, value, timeout). */
    private static final FunctionDescriptor SHAPE =
            FunctionDescriptor.of(WORD, WORD, WORD, WORD, WORD, WORD);

    private static final MethodHandle BLOCKING = bind();
    private static final MethodHandle BRIEF = bind(Linker.Option.critical(false));

    private HostCalls() {}

    private static MethodHandle bind(Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        MemorySegment function = linker.defaultLookup().findOrThrow("syscall");
        return linker.downcallHandle(function, SHAPE, options);
    }

    /**
     * Sleeps while the word, in memory shared with another process, holds {@code expected}. Returns
     * for other reasons too: callers look again.
     */
    static void futexWait(long address, int expected) {
        try {
            long _ =
                    (long)
                            BLOCKING.invokeExact(
                                    SyscallNumbers.SYS_futex + 0L,
                                    address,
                                    FutexOps.FUTEX_WAIT + 0L,
                                    (long) expected,
                                    0L);
        } catch (Throwable t) {
            throw new AssertionError("a downcall threw", t);
        }
    }

    /** Wakes one who sleeps on the word. */
    static void futexWake(long address) {
        try {
            long _ =
                    (long)
                            BRIEF.invokeExact(
                                    SyscallNumbers.SYS_futex + 0L,
                                    address,
                                    FutexOps.FUTEX_WAKE + 0L,
                                    1L,
                                    0L);
        } catch (Throwable t) {
            throw new AssertionError("a downcall threw", t);
        }
    }
}
