package dev.runsc.gofer.host;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * {@code syscall} through {@code java.lang.foreign}: dearer to set up than JNA, cheaper to call.
 */
final class ForeignLibc {
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURE.varHandle(PathElement.groupElement("errno"));
    private static final MethodHandle SYSCALL = bind();
    private static final ThreadLocal<MemorySegment> CAPTURED =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE));

    private ForeignLibc() {}

    private static MethodHandle bind() {
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor type =
                FunctionDescriptor.of(
                        JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                        JAVA_LONG);
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                type,
                Linker.Option.captureCallState("errno"));
    }

    /** The result, or the negated error number. */
    static long call(
            long number, long arg0, long arg1, long arg2, long arg3, long arg4, long arg5) {
        MemorySegment captured = CAPTURED.get();
        try {
            long result =
                    (long)
                            SYSCALL.invokeExact(
                                    captured, number, arg0, arg1, arg2, arg3, arg4, arg5);
            return result == -1 ? -(int) ERRNO.get(captured, 0L) : result;
        } catch (Throwable t) {
            throw new AssertionError("a downcall threw", t);
        }
    }
}
