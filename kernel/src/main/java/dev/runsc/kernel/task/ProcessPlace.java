package dev.runsc.kernel.task;

import org.jspecify.annotations.Nullable;

/** A file that stands for a process: its directory in proc. */
public interface ProcessPlace {
    /** The process; null for the directory of one of its threads. */
    @Nullable ThreadGroup process();
}
