package dev.runsc.kernel.task;

import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.CallerAs;
import org.jspecify.annotations.Nullable;

/** Who asks the file layer for something. */
public final class CallingTask {
    private CallingTask() {}

    /** The task that asks, or null for the kernel itself. */
    public static @Nullable Task find(Caller caller) {
        return asking(caller) instanceof Task task ? task : null;
    }

    /** Whose namespaces a caller acts in, if it acts in any. */
    public static @Nullable NamespaceHolder findHolder(Caller caller) {
        return asking(caller) instanceof NamespaceHolder holder ? holder : null;
    }

    private static Caller asking(Caller caller) {
        Caller asking = caller;
        while (asking instanceof CallerAs as) {
            asking = as.caller();
        }
        return asking;
    }
}
