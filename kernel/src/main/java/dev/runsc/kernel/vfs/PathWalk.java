package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MountFlags;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Resolves one path (Linux path_lookupat and link_path_walk; path_resolution(7)). Made for one call
 * by one thread. A caller either asks for the file itself ({@link #find}) or goes to the last
 * component ({@link #toLast}) and decides there.
 */
public final class PathWalk {
    /** Follow a symbolic link in the last component. */
    public static final int FOLLOW = 1;

    /** The result must be a directory. */
    public static final int DIRECTORY = 2;

    /** An empty path means the start itself (AT_EMPTY_PATH). */
    public static final int EMPTY_PATH = 4;

    /** The five RESOLVE_* of openat2(2), in their own places. */
    public static final int NO_XDEV = 0x10;

    public static final int NO_MAGICLINKS = 0x20;
    public static final int NO_SYMLINKS = 0x40;
    public static final int BENEATH = 0x80;
    public static final int IN_ROOT = 0x100;

    /** Symbolic links followed before ELOOP (Linux MAXSYMLINKS). */
    private static final int MAX_LINKS = 40;

    private static final int NAME_MAX = 255;
    private static final int PATH_MAX = 4096;

    /** A path whose rest is still to be walked, under the text of a link. */
    private record Rest(String path, int position) {}

    private final Caller caller;
    private final Location root;
    private final int flags;
    private final ArrayDeque<Rest> rests = new ArrayDeque<>();
    private String path;
    private int position;
    private Mount mount;
    private Dentry dentry;
    private String component = "";
    private boolean last;
    private boolean trailingSlash;
    private int links;

    /**
     * Starts a walk.
     *
     * @param start where a relative path begins
     * @param path raw bytes as ISO-8859-1
     * @throws ErrnoException ENAMETOOLONG, or ENOENT for an empty path
     */
    public PathWalk(Caller caller, Location start, String path, int flags) throws ErrnoException {
        if (path.length() >= PATH_MAX) {
            throw Errno.ENAMETOOLONG.error();
        }
        if (path.isEmpty() && (flags & EMPTY_PATH) == 0) {
            throw Errno.ENOENT.error();
        }
        this.caller = caller;
        this.flags = flags;
        this.path = path;
        Location processRoot = caller.fs().root();
        this.root = has(IN_ROOT) || has(BENEATH) ? start : processRoot;
        this.mount = start.mount();
        this.dentry = start.dentry();
        if (path.startsWith("/")) {
            toRoot();
        }
    }

    /** Resolves a path to what it names. ENOENT when it is not there. */
    public static Location find(Caller caller, Location start, String path, int flags)
            throws ErrnoException {
        return new PathWalk(caller, start, path, flags).find();
    }

    /** As {@link #find(Caller, Location, String, int)} from the working directory. */
    public static Location find(Caller caller, String path, int flags) throws ErrnoException {
        return find(caller, caller.fs().workingDirectory(), path, flags);
    }

    private boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Walks to the end. */
    public Location find() throws ErrnoException {
        while (nextComponent()) {
            requireSearchable();
            step(!last || trailingSlash || has(FOLLOW));
        }
        if ((trailingSlash || has(DIRECTORY)) && !dentry.inode().isDirectory()) {
            throw Errno.ENOTDIR.error();
        }
        return here();
    }

    /**
     * Walks to the directory of the last component; {@link #here} is that directory and {@link
     * #lastName} the component, which may be "." or "..", or empty when the path is a root.
     */
    public void toLast() throws ErrnoException {
        component = "";
        while (nextComponent()) {
            requireSearchable();
            if (last) {
                return;
            }
            step(true);
        }
    }

    /** The directory of the last component after {@link #toLast}. */
    public Location here() {
        return new Location(mount, dentry);
    }

    public String lastName() {
        return component;
    }

    /** Whether the last component is a name, not ".", ".." or the root. */
    public boolean lastIsName() {
        return !component.isEmpty() && !isDots(component);
    }

    public boolean hasTrailingSlash() {
        return trailingSlash;
    }

    /**
     * Looks up the last component without following it or entering a mount there; null when it is
     * not there.
     */
    public @Nullable Dentry peekLast() throws ErrnoException {
        return peek(dentry, component);
    }

    /** The last component after {@link #toLast}: enters mounts on a dentry found there. */
    public Location enter(Dentry child) throws ErrnoException {
        dentry = child;
        crossMounts();
        return here();
    }

    /** Walks the last component, which is ".", ".." or nothing. */
    public Location enterDots() throws ErrnoException {
        if (!component.isEmpty()) {
            step(false);
        }
        return here();
    }

    /**
     * Goes on over the symbolic link found as last component; then again as after {@link #toLast}.
     */
    public void followLast(Dentry link) throws ErrnoException {
        follow(link);
        toLast();
    }

    // Steps.

    /** Cuts the next component off what is left; false when nothing is. */
    private boolean nextComponent() throws ErrnoException {
        while (true) {
            int begin = position;
            while (begin < path.length() && path.charAt(begin) == '/') {
                begin++;
            }
            if (begin < path.length()) {
                int end = path.indexOf('/', begin);
                position = end < 0 ? path.length() : end;
                component = path.substring(begin, position);
                noteLast();
                return true;
            }
            Rest rest = rests.pollLast();
            if (rest == null) {
                position = begin;
                return false;
            }
            path = rest.path;
            position = rest.position;
        }
    }

    private void noteLast() {
        boolean slash = position < path.length();
        last = isSlashes(path, position);
        for (Rest rest : rests) {
            slash |= rest.position < rest.path.length();
            last &= isSlashes(rest.path, rest.position);
        }
        if (last) {
            trailingSlash |= slash;
        }
    }

    private static boolean isSlashes(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (text.charAt(i) != '/') {
                return false;
            }
        }
        return true;
    }

    private static boolean isDots(String name) {
        return name.equals(".") || name.equals("..");
    }

    private void requireSearchable() throws ErrnoException {
        Inode inode = dentry.inode();
        if (!inode.isDirectory()) {
            throw Errno.ENOTDIR.error();
        }
        inode.checkPermission(caller, Inode.MAY_EXEC);
    }

    private void step(boolean followLink) throws ErrnoException {
        if (component.equals(".")) {
            return;
        }
        if (component.equals("..")) {
            up();
            return;
        }
        Dentry child = peek(dentry, component);
        if (child == null) {
            throw Errno.ENOENT.error();
        }
        if (followLink && child.inode().isSymlink()) {
            follow(child);
            return;
        }
        dentry = child;
        crossMounts();
    }

    private void up() throws ErrnoException {
        while (mount != root.mount() || dentry != root.dentry()) {
            Dentry parent = dentry.parent();
            if (dentry != mount.root() && parent != null) {
                dentry = parent;
                crossMounts();
                return;
            }
            Mount above = mount.parent();
            Dentry point = mount.mountPoint();
            if (dentry != mount.root() || above == null || point == null) {
                return;
            }
            requireSameMount(above);
            mount = above;
            dentry = point;
        }
        if (has(BENEATH)) {
            throw Errno.EXDEV.error();
        }
    }

    private void crossMounts() throws ErrnoException {
        while (dentry.isMountPoint()) {
            Mount above = dentry.fileSystem().vfs().findMountAt(mount, dentry);
            if (above == null) {
                return;
            }
            requireSameMount(above);
            mount = above;
            dentry = above.root();
        }
    }

    private void requireSameMount(Mount other) throws ErrnoException {
        if (has(NO_XDEV) && other != mount) {
            throw Errno.EXDEV.error();
        }
    }

    private void toRoot() throws ErrnoException {
        if (has(BENEATH)) {
            throw Errno.EXDEV.error();
        }
        requireSameMount(root.mount());
        mount = root.mount();
        dentry = root.dentry();
    }

    private void follow(Dentry link) throws ErrnoException {
        links++;
        if (links > MAX_LINKS || has(NO_SYMLINKS) || mount.has(MountFlags.MS_NOSYMFOLLOW)) {
            throw Errno.ELOOP.error();
        }
        Inode inode = link.inode();
        inode.accessed(mount);
        if (inode.isMagicLink()) {
            jump(inode);
            return;
        }
        String text = inode.readLink(caller);
        if (text.isEmpty()) {
            throw Errno.ENOENT.error();
        }
        rests.addLast(new Rest(path, position));
        path = text;
        position = 0;
        if (text.startsWith("/")) {
            toRoot();
        }
    }

    private void jump(Inode link) throws ErrnoException {
        if (has(NO_MAGICLINKS)) {
            throw Errno.ELOOP.error();
        }
        if (has(BENEATH) || has(IN_ROOT)) {
            throw Errno.EXDEV.error();
        }
        Location target = link.followMagicLink(caller);
        requireSameMount(target.mount());
        mount = target.mount();
        dentry = target.dentry();
    }

    private @Nullable Dentry peek(Dentry directory, String name) throws ErrnoException {
        return lookup(caller, directory, name);
    }

    /**
     * Finds a name in a directory, from the dentries in use or from the file system. The tree lock
     * may be held or not.
     */
    static @Nullable Dentry lookup(Caller caller, Dentry directory, String name)
            throws ErrnoException {
        Dentry known = directory.findChild(name);
        FileSystem fileSystem = directory.fileSystem();
        if (known != null && !fileSystem.volatileTree()) {
            return known;
        }
        if (name.length() > NAME_MAX) {
            throw Errno.ENAMETOOLONG.error();
        }
        fileSystem.treeLock().lock();
        try {
            known = directory.findChild(name);
            if (known != null) {
                if (!fileSystem.volatileTree()
                        || directory.inode().stillNames(caller, name, known.inode())) {
                    return known;
                }
            }
            Inode found = directory.isRemoved() ? null : directory.inode().lookup(caller, name);
            if (found == null) {
                if (known != null) {
                    known.remove();
                }
                return null;
            }
            return directory.childFor(name, found);
        } finally {
            fileSystem.treeLock().unlock();
        }
    }
}
