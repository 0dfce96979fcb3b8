package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.InotifyFlags;
import org.jspecify.annotations.Nullable;

/**
 * Tells watchers what happened (Linux fs/notify/fsnotify.c). Costs a look at one number while
 * nobody watches anything.
 */
final class FsEvents {
    private FsEvents() {}

    private static boolean nobodyWatches(Inode inode) {
        return !inode.fileSystem().vfs().hasWatchers();
    }

    private static int withKind(int mask, Inode inode) {
        return inode.isDirectory() ? mask | InotifyFlags.IN_ISDIR : mask;
    }

    /**
     * Something happened to a file found at a place: its directory hears of it, then those who
     * watch the file.
     */
    static void at(Location location, int mask) {
        Inode inode = location.inode();
        if (nobodyWatches(inode)) {
            return;
        }
        Dentry.Place place = location.dentry().place();
        int full = withKind(mask, inode);
        // Changes of attributes come by name in Linux, not by open file, and IN_EXCL_UNLINK lets
        // them pass.
        boolean removed = place.removed() && mask != InotifyFlags.IN_ATTRIB;
        if (place.parent() != null) {
            place.parent().inode().tellWatchers(full, 0, place.name(), removed);
        }
        inode.tellWatchers(full, 0, null, removed);
    }

    /** Something happened to a file under all its names. */
    static void to(Inode inode, int mask) {
        if (!nobodyWatches(inode)) {
            inode.tellWatchers(withKind(mask, inode), 0, null, false);
        }
    }

    /** Something happened to an entry of a directory. */
    static void in(Dentry directory, String name, Inode entry, int mask) {
        if (!nobodyWatches(entry)) {
            directory.inode().tellWatchers(withKind(mask, entry), 0, name, false);
        }
    }

    /** A name is gone; perhaps the file with it. */
    static void removed(Dentry directory, String name, Inode victim) {
        if (nobodyWatches(victim)) {
            return;
        }
        if (!victim.isDirectory()) {
            to(victim, InotifyFlags.IN_ATTRIB);
        }
        goneIfUnused(victim);
        in(directory, name, victim, InotifyFlags.IN_DELETE);
    }

    /** Tells that a file without names and open descriptions is no more. */
    static void goneIfUnused(Inode inode) {
        if (nobodyWatches(inode) || inode.openCount() > 0 || !inode.isNameless()) {
            return;
        }
        inode.tellWatchers(InotifyFlags.IN_DELETE_SELF, 0, null, false);
        inode.tellWatchers(InotifyFlags.IN_IGNORED, 0, null, false);
    }

    static void renamed(
            Dentry oldDirectory,
            String oldName,
            Dentry newDirectory,
            String newName,
            Inode moved,
            @Nullable Inode replaced) {
        if (nobodyWatches(moved)) {
            return;
        }
        int cookie = moved.fileSystem().vfs().newEventCookie();
        int from = withKind(InotifyFlags.IN_MOVED_FROM, moved);
        int to = withKind(InotifyFlags.IN_MOVED_TO, moved);
        oldDirectory.inode().tellWatchers(from, cookie, oldName, false);
        newDirectory.inode().tellWatchers(to, cookie, newName, false);
        moved.tellWatchers(InotifyFlags.IN_MOVE_SELF, 0, null, false);
        if (replaced != null) {
            if (!replaced.isDirectory()) {
                to(replaced, InotifyFlags.IN_ATTRIB);
            }
            goneIfUnused(replaced);
        }
    }
}
