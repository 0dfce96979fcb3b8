package dev.runsc.kernel.net.unix;

import dev.runsc.kernel.vfs.FileDescription;
import java.util.ArrayDeque;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Drops references of files that were in flight. Closing a socket drops what it holds, which may be
 * sockets that hold more: a guest can nest them as deep as it likes, so the thread works through a
 * list instead of recursing.
 */
final class PassedFiles {
    private static final ThreadLocal<@Nullable ArrayDeque<FileDescription>> PENDING =
            new ThreadLocal<>();

    private PassedFiles() {}

    static void release(Collection<FileDescription> files) {
        if (files.isEmpty()) {
            return;
        }
        ArrayDeque<FileDescription> running = PENDING.get();
        if (running != null) {
            running.addAll(files);
            return;
        }
        ArrayDeque<FileDescription> pending = new ArrayDeque<>(files);
        PENDING.set(pending);
        try {
            FileDescription next = pending.poll();
            while (next != null) {
                next.release();
                next = pending.poll();
            }
        } finally {
            PENDING.remove();
        }
    }
}
