package dev.runsc.kernel.fs.overlay;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.ListedEntry;
import dev.runsc.kernel.vfs.RawName;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A file of an overlay's upper tree, as it is met on a walk from the root down, parents first.
 *
 * @param path raw bytes, without a slash before; empty for the root
 * @param inode of the upper tree
 * @param whiteout whether it only says that a name of the lower tree is gone
 * @param opaque whether it is a directory that hides all that the lower tree has there
 * @param xattrs extended attributes that are the guest's own
 */
public record UpperEntry(
        String path,
        Inode inode,
        Stat stat,
        boolean whiteout,
        boolean opaque,
        Map<String, byte[]> xattrs) {
    /** Takes the files of a walk. */
    public interface Sink {
        void accept(UpperEntry entry) throws ErrnoException, IOException;
    }

    /** Walks an upper tree, which may come from an image that somebody has made up. */
    static void walk(Caller caller, Inode root, Sink sink) throws ErrnoException, IOException {
        // A list in place of recursion: guests make trees deeper than our stack.
        ArrayDeque<UpperEntry> directories = new ArrayDeque<>();
        Set<Inode> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        UpperEntry first = of(caller, "", root);
        sink.accept(first);
        directories.add(first);
        while (!directories.isEmpty()) {
            UpperEntry directory = directories.removeLast();
            String prefix = directory.path.isEmpty() ? "" : directory.path + "/";
            for (ListedEntry listed : directory.inode.listAll(caller)) {
                Inode child = directory.inode.lookup(caller, listed.name());
                if (child == null) {
                    continue;
                }
                requireName(listed.name());
                UpperEntry entry = of(caller, prefix + listed.name(), child);
                sink.accept(entry);
                if (child.isDirectory()) {
                    if (!seen.add(child)) {
                        throw new IOException("a directory lies in two others");
                    }
                    directories.add(entry);
                }
            }
        }
    }

    private static void requireName(String name) throws IOException {
        if (name.isEmpty()
                || name.equals(".")
                || name.equals("..")
                || name.indexOf('/') >= 0
                || name.indexOf(0) >= 0) {
            throw new IOException("a file has no name but \"" + RawName.text(name) + "\"");
        }
    }

    private static UpperEntry of(Caller caller, String path, Inode inode) throws ErrnoException {
        Map<String, byte[]> xattrs = new LinkedHashMap<>();
        for (String name : inode.listXattrs(caller)) {
            if (!name.startsWith(OverlayFileSystem.PRIVATE_XATTRS)) {
                xattrs.put(name, inode.getXattr(caller, name));
            }
        }
        return new UpperEntry(
                path,
                inode,
                inode.stat(caller),
                Marks.isWhiteout(inode),
                inode.type() == FileMode.S_IFDIR && Marks.isOpaque(inode),
                xattrs);
    }
}
