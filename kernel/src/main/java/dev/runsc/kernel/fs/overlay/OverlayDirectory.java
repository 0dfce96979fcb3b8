package dev.runsc.kernel.fs.overlay;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.RenameFlags;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.ListedEntry;
import dev.runsc.kernel.vfs.ListingFile;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.NewInode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A directory: the upper one and the lower ones it does not hide, merged. */
final class OverlayDirectory extends OverlayInode {
    OverlayDirectory(
            OverlayFileSystem fileSystem,
            @Nullable OverlayDirectory parent,
            String name,
            @Nullable Inode upper,
            List<Inode> lowers) {
        super(fileSystem, parent, name, upper, lowers);
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) {
        return new ListingFile(location, flags);
    }

    /**
     * Merged directories have one link, as Linux shows them: nobody counts their subdirectories.
     */
    @Override
    long shownLinks(long links) {
        boolean merged = lowers().size() > 1 || hasLower() && upper() != null;
        return isRemoved() ? 0 : merged ? 1 : links;
    }

    // Finding.

    @Override
    public @Nullable Inode lookup(Caller caller, String name) throws ErrnoException {
        Inode up = upperEntry(caller, name);
        if (up != null && Marks.isWhiteout(up)) {
            return null;
        }
        if (up != null && (!up.isDirectory() || Marks.isOpaque(up))) {
            return fileSystem().inodeFor(this, name, up, List.of());
        }
        List<Inode> found = lowerEntries(caller, name);
        if (up != null && !found.isEmpty() && !found.getFirst().isDirectory()) {
            found = List.of();
        }
        return up == null && found.isEmpty() ? null : fileSystem().inodeFor(this, name, up, found);
    }

    private @Nullable Inode upperEntry(Caller caller, String name) throws ErrnoException {
        Inode up = upper();
        return up == null ? null : up.lookup(caller, name);
    }

    /** What the lower directories have under a name: one file, or directories to be merged. */
    private List<Inode> lowerEntries(Caller caller, String name) throws ErrnoException {
        List<Inode> found = new ArrayList<>();
        for (Inode lower : lowers()) {
            Inode entry = lower.lookup(caller, name);
            if (entry == null) {
                continue;
            }
            if (Marks.isWhiteout(entry) || !found.isEmpty() && !entry.isDirectory()) {
                break;
            }
            found.add(entry);
            if (!entry.isDirectory() || Marks.isOpaque(entry)) {
                break;
            }
        }
        return found;
    }

    private boolean lowerHas(Caller caller, String name) throws ErrnoException {
        return !lowerEntries(caller, name).isEmpty();
    }

    // Listing.

    @Override
    public List<ListedEntry> listAll(Caller caller) throws ErrnoException {
        Map<String, ListedEntry> entries = new LinkedHashMap<>();
        Set<String> hidden = new HashSet<>();
        Inode up = upper();
        if (up != null) {
            listUpper(caller, up, entries, hidden);
        }
        for (Inode lower : lowers()) {
            listLower(caller, lower, entries, hidden);
        }
        return new ArrayList<>(entries.values());
    }

    private static void listUpper(
            Caller caller, Inode up, Map<String, ListedEntry> entries, Set<String> hidden)
            throws ErrnoException {
        for (ListedEntry entry : up.listAll(caller)) {
            Inode child = up.lookup(caller, entry.name());
            if (child == null) {
                continue;
            }
            if (Marks.isWhiteout(child)) {
                hidden.add(entry.name());
                continue;
            }
            Long origin = Marks.origin(child);
            long number = origin != null ? origin : OverlayFileSystem.upperNumber(entry.inode());
            entries.put(entry.name(), new ListedEntry(entry.name(), number, entry.type()));
        }
    }

    private void listLower(
            Caller caller, Inode lower, Map<String, ListedEntry> entries, Set<String> hidden)
            throws ErrnoException {
        Set<String> whiteouts = new HashSet<>();
        for (ListedEntry entry : lower.listAll(caller)) {
            String name = entry.name();
            if (hidden.contains(name) || entries.containsKey(name)) {
                continue;
            }
            if (entry.type() == FileMode.DT_CHR) {
                Inode device = lower.lookup(caller, name);
                if (device != null && Marks.isWhiteout(device)) {
                    whiteouts.add(name);
                    continue;
                }
            }
            long number = fileSystem().withLayer(entry.inode(), lower.fileSystem());
            entries.put(name, new ListedEntry(name, number, entry.type()));
        }
        hidden.addAll(whiteouts);
    }

    // Making; tree lock held.

    /** Makes an entry of the upper directory. */
    private interface Maker {
        Inode make(Inode upperDirectory) throws ErrnoException;
    }

    private Inode makeUpper(Caller caller, String name, Maker maker) throws ErrnoException {
        Inode up = copyUp(caller, true);
        Inode whiteout = up.lookup(caller, name);
        if (whiteout == null) {
            return maker.make(up);
        }
        up.unlink(caller, name, whiteout);
        Inode made;
        try {
            made = maker.make(up);
            if (made.isDirectory()) {
                Marks.makeOpaque(caller, made);
            }
        } catch (ErrnoException e) {
            Marks.makeWhiteout(caller, up, name);
            throw e;
        }
        return made;
    }

    @Override
    public Inode create(Caller caller, String name, NewInode attributes) throws ErrnoException {
        boolean device = (attributes.mode() & FileMode.S_IFMT) == FileMode.S_IFCHR;
        if (device && attributes.deviceNumber() == 0) {
            throw Errno.EPERM.error();
        }
        Inode made = makeUpper(caller, name, up -> up.create(caller, name, attributes));
        return fileSystem().inodeFor(this, name, made, List.of());
    }

    @Override
    public Inode makeDirectory(Caller caller, String name, NewInode attributes)
            throws ErrnoException {
        Inode made = makeUpper(caller, name, up -> up.makeDirectory(caller, name, attributes));
        return fileSystem().inodeFor(this, name, made, List.of());
    }

    @Override
    public Inode makeSymlink(Caller caller, String name, String target, NewInode attributes)
            throws ErrnoException {
        Inode made =
                makeUpper(caller, name, up -> up.makeSymlink(caller, name, target, attributes));
        return fileSystem().inodeFor(this, name, made, List.of());
    }

    @Override
    public Inode createUnnamed(Caller caller, NewInode attributes) throws ErrnoException {
        Inode made = fileSystem().upper().newUnnamedFile(attributes);
        return fileSystem().inodeFor(this, "", made, List.of());
    }

    @Override
    public void link(Caller caller, String name, Inode target) throws ErrnoException {
        Inode targetUpper = ((OverlayInode) target).copyUp(caller, true);
        makeUpper(
                caller,
                name,
                up -> {
                    up.link(caller, name, targetUpper);
                    return targetUpper;
                });
    }

    // Removing; tree lock held.

    @Override
    public void unlink(Caller caller, String name, Inode victim) throws ErrnoException {
        remove(caller, name, (OverlayInode) victim, false);
    }

    @Override
    public void removeDirectory(Caller caller, String name, Inode victim) throws ErrnoException {
        OverlayDirectory directory = (OverlayDirectory) victim;
        directory.requireEmpty(caller);
        directory.clearWhiteouts(caller);
        remove(caller, name, directory, true);
    }

    private void remove(Caller caller, String name, OverlayInode victim, boolean directory)
            throws ErrnoException {
        boolean covers = lowerHas(caller, name);
        Inode up = covers ? copyUp(caller, true) : requireUpper();
        Inode entry = up.lookup(caller, name);
        if (entry != null && directory) {
            up.removeDirectory(caller, name, entry);
        } else if (entry != null) {
            up.unlink(caller, name, entry);
        }
        if (covers) {
            Marks.makeWhiteout(caller, up, name);
        }
        victim.nameRemoved();
    }

    private void requireEmpty(Caller caller) throws ErrnoException {
        if (!listAll(caller).isEmpty()) {
            throw Errno.ENOTEMPTY.error();
        }
    }

    /** Takes the whiteouts out of the upper directory, which has nothing else. */
    private void clearWhiteouts(Caller caller) throws ErrnoException {
        Inode up = upper();
        if (up == null) {
            return;
        }
        for (ListedEntry entry : up.listAll(caller)) {
            Inode whiteout = up.lookup(caller, entry.name());
            if (whiteout != null) {
                up.unlink(caller, entry.name(), whiteout);
            }
        }
    }

    // Renaming; tree lock held.

    @Override
    public void rename(
            Caller caller,
            String oldName,
            Inode moved,
            Inode newDirectory,
            String newName,
            @Nullable Inode replaced,
            int flags)
            throws ErrnoException {
        if ((flags & RenameFlags.RENAME_WHITEOUT) != 0) {
            throw Errno.EINVAL.error();
        }
        OverlayDirectory target = (OverlayDirectory) newDirectory;
        OverlayInode file = (OverlayInode) moved;
        OverlayInode other = (OverlayInode) replaced;
        boolean exchange = (flags & RenameFlags.RENAME_EXCHANGE) != 0;
        requireMovable(file);
        if (exchange && other != null) {
            requireMovable(other);
            exchange(caller, oldName, file, target, newName, other);
            return;
        }
        if (other instanceof OverlayDirectory directory) {
            directory.requireEmpty(caller);
        }
        boolean coversOld = lowerHas(caller, oldName);
        boolean coversNew = target.lowerHas(caller, newName);
        Inode fileUpper = file.copyUp(caller, true);
        Inode up = copyUp(caller, true);
        Inode targetUp = target.copyUp(caller, true);
        if (other instanceof OverlayDirectory directory) {
            directory.clearWhiteouts(caller);
        }
        Inode inTheWay = targetUp.lookup(caller, newName);
        if (inTheWay != null && Marks.isWhiteout(inTheWay)) {
            targetUp.unlink(caller, newName, inTheWay);
            inTheWay = null;
        }
        int whiteout = coversOld ? RenameFlags.RENAME_WHITEOUT : 0;
        up.rename(caller, oldName, fileUpper, targetUp, newName, inTheWay, whiteout);
        if (coversNew && fileUpper.isDirectory()) {
            Marks.makeOpaque(caller, fileUpper);
        }
        if (other != null) {
            other.nameRemoved();
        }
        file.renamed(target, newName);
    }

    /** A directory with a lower part cannot take it along. Callers such as mv(1) copy then. */
    private static void requireMovable(OverlayInode file) throws ErrnoException {
        if (file.isDirectory() && file.hasLower()) {
            throw Errno.EXDEV.error();
        }
    }

    private void exchange(
            Caller caller,
            String oldName,
            OverlayInode file,
            OverlayDirectory target,
            String newName,
            OverlayInode other)
            throws ErrnoException {
        boolean coversOld = lowerHas(caller, oldName);
        boolean coversNew = target.lowerHas(caller, newName);
        Inode fileUpper = file.copyUp(caller, true);
        Inode otherUpper = other.copyUp(caller, true);
        Inode up = copyUp(caller, true);
        Inode targetUp = target.copyUp(caller, true);
        up.rename(
                caller,
                oldName,
                fileUpper,
                targetUp,
                newName,
                otherUpper,
                RenameFlags.RENAME_EXCHANGE);
        if (coversNew && fileUpper.isDirectory()) {
            Marks.makeOpaque(caller, fileUpper);
        }
        if (coversOld && otherUpper.isDirectory()) {
            Marks.makeOpaque(caller, otherUpper);
        }
        file.renamed(target, newName);
        other.renamed(this, oldName);
    }
}
