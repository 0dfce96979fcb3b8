package dev.runsc.kernel.vfs;

import dev.runsc.state.Savable;
import org.jspecify.annotations.Nullable;

/** Who hears of what happens to a file (Linux {@code struct fsnotify_mark}): inotify watches. */
public interface InodeWatcher extends Savable {
    /**
     * Called after the fact, with no lock held that comes after FILE_DESCRIPTION; must not sleep.
     *
     * @param mask {@code IN_*}, with IN_ISDIR when it happened to a directory
     * @param cookie joins the two halves of a rename; 0 otherwise
     * @param name the entry it happened to; null when it happened to the watched file itself
     * @param nameRemoved whether it came by an open file whose name is gone already
     *     (IN_EXCL_UNLINK)
     */
    void notify(int mask, int cookie, @Nullable String name, boolean nameRemoved);
}
