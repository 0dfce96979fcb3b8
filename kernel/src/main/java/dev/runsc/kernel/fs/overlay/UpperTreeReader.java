package dev.runsc.kernel.fs.overlay;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.KernelLimits;
import dev.runsc.gofer.abi.XattrFlags;
import dev.runsc.kernel.fs.tmpfs.TmpfsDirectory;
import dev.runsc.kernel.fs.tmpfs.TmpfsFile;
import dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem;
import dev.runsc.kernel.fs.tmpfs.TmpfsInode;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.NewInode;
import dev.runsc.kernel.vfs.SavedAttributes;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Fills an upper tree from a layer as an archive: the way back of {@link UpperEntry#walk}. What is
 * gone from below stands there as in OCI image layers. The archive may come from anybody; links in
 * it are never followed.
 */
public final class UpperTreeReader {
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final int PATH_MAX = 1 << 16;
    private static final int PIECE_BYTES = 1 << 16;
    private static final byte[] ZEROS = new byte[PIECE_BYTES];

    private final TarInput archive;
    private final byte[] piece = new byte[PIECE_BYTES];

    /** Directories become what they are to be when all is in them. */
    private final Map<TmpfsDirectory, SavedAttributes> directories = new LinkedHashMap<>();

    private final Set<TmpfsDirectory> opaque = new HashSet<>();

    public UpperTreeReader(InputStream archive) {
        this.archive = new TarInput(archive);
    }

    /**
     * Fills a tree.
     *
     * @throws IOException when the archive is damaged, or has what no layer has
     * @throws ErrnoException when the tree has no room
     */
    public void read(TmpfsFileSystem tree) throws IOException, ErrnoException {
        TarMember member = archive.next();
        while (member != null) {
            add(tree.rootDirectory(), member);
            member = archive.next();
        }
        for (TmpfsDirectory directory : opaque) {
            directories.putIfAbsent(directory, directory.attributes());
        }
        for (Map.Entry<TmpfsDirectory, SavedAttributes> entry : directories.entrySet()) {
            TmpfsDirectory directory = entry.getKey();
            if (opaque.contains(directory)) {
                entry.getValue().xattrs().put(OverlayFileSystem.OPAQUE, new byte[] {'y'});
            }
            directory.adopt(entry.getValue());
        }
    }

    private void add(TmpfsDirectory root, TarMember member) throws IOException, ErrnoException {
        requireKnownXattrs(member.attributes());
        String[] names = names(member.path());
        if (names.length == 0) {
            require(member.type() == TarMember.DIRECTORY, "a root that is no directory");
            directories.put(root, member.attributes());
            return;
        }
        TmpfsDirectory parent = parent(root, names);
        String name = names[names.length - 1];
        if (name.equals(OPAQUE)) {
            opaque.add(parent);
        } else if (name.startsWith(WHITEOUT)) {
            String gone = name.substring(WHITEOUT.length());
            requireName(gone);
            requireFree(parent, gone);
            parent.makeNode(gone, new NewInode(FileMode.S_IFCHR, 0, 0, 0));
        } else {
            make(root, parent, name, member);
        }
    }

    private void make(TmpfsDirectory root, TmpfsDirectory parent, String name, TarMember member)
            throws IOException, ErrnoException {
        if (member.type() == TarMember.DIRECTORY) {
            directories.put(directory(parent, name), member.attributes());
            return;
        }
        requireFree(parent, name);
        SavedAttributes attributes = member.attributes();
        switch (member.type()) {
            case TarMember.FILE -> {
                TmpfsFile file = (TmpfsFile) parent.makeNode(name, start(member, FileMode.S_IFREG));
                contents(file, member.sizeBytes());
                file.adopt(attributes);
            }
            case TarMember.OTHER_NAME -> {
                TmpfsInode file = linked(root, member);
                SavedAttributes before = file.attributes();
                parent.makeLink(name, file);
                file.adopt(before);
            }
            case TarMember.SYMLINK -> {
                String target = member.link();
                require(!target.isEmpty() && target.length() < KernelLimits.PATH_MAX, "a link");
                require(target.indexOf('\0') < 0, "a link");
                parent.makeSymlink(name, target, start(member, FileMode.S_IFLNK)).adopt(attributes);
            }
            default ->
                    parent.makeNode(name, start(member, special(member.type()))).adopt(attributes);
        }
    }

    private static TmpfsInode linked(TmpfsDirectory root, TarMember member) throws IOException {
        Inode target = find(root, names(member.link()));
        if (target instanceof TmpfsInode file && !file.isDirectory()) {
            return file;
        }
        throw new IOException("the archive is damaged: a link to what is no file");
    }

    private static int special(char type) throws IOException {
        return switch (type) {
            case TarMember.CHARACTER_DEVICE -> FileMode.S_IFCHR;
            case TarMember.BLOCK_DEVICE -> FileMode.S_IFBLK;
            case TarMember.FIFO -> FileMode.S_IFIFO;
            default -> throw new IOException("the archive has a file of type " + (int) type);
        };
    }

    private static NewInode start(TarMember member, int type) {
        SavedAttributes attributes = member.attributes();
        return new NewInode(
                type | attributes.mode(), attributes.uid(), attributes.gid(), member.device());
    }

    private void contents(TmpfsFile file, long size) throws IOException, ErrnoException {
        long at = 0;
        while (at < size) {
            int count = archive.read(piece, PIECE_BYTES);
            if (Arrays.equals(piece, 0, count, ZEROS, 0, count)) {
                // Archives have no holes: files that had some get them again.
                at += count;
                continue;
            }
            MemorySegment bytes = MemorySegment.ofArray(piece).asSlice(0, count);
            long from = at;
            file.fillFrom(
                    from,
                    from + count,
                    (offset, target) -> {
                        long length = Math.min(target.byteSize(), from + count - offset);
                        MemorySegment.copy(bytes, offset - from, target, 0, length);
                        return (int) length;
                    });
            at += count;
        }
        file.grow(size);
    }

    // ---- places

    /** The names of a path; leading and double slashes and dots mean nothing. */
    private static String[] names(String path) throws IOException {
        require(path.length() <= PATH_MAX && path.indexOf('\0') < 0, "a path");
        List<String> names = new ArrayList<>();
        for (String name : path.split("/")) {
            if (!name.isEmpty() && !name.equals(".")) {
                requireName(name);
                names.add(name);
            }
        }
        return names.toArray(String[]::new);
    }

    private static void requireName(String name) throws IOException {
        boolean good = !name.isEmpty() && name.length() <= KernelLimits.NAME_MAX;
        require(good && !name.equals(".") && !name.equals(".."), "a name");
    }

    private TmpfsDirectory parent(TmpfsDirectory root, String[] names)
            throws IOException, ErrnoException {
        TmpfsDirectory at = root;
        for (int i = 0; i < names.length - 1; i++) {
            at = directory(at, names[i]);
        }
        return at;
    }

    /** One that is there, or a new one: layers need not name the directories above their files. */
    private static TmpfsDirectory directory(TmpfsDirectory parent, String name)
            throws IOException, ErrnoException {
        Inode there = parent.find(name);
        if (there == null) {
            return parent.makeDirectory(name, new NewInode(FileMode.S_IFDIR | 0755, 0, 0, 0));
        }
        if (there instanceof TmpfsDirectory directory) {
            return directory;
        }
        throw new IOException("the archive has a file where a directory is to be");
    }

    private static @Nullable Inode find(TmpfsDirectory root, String[] names) {
        Inode at = root;
        for (String name : names) {
            at = at instanceof TmpfsDirectory directory ? directory.find(name) : null;
        }
        return at;
    }

    private static void requireFree(TmpfsDirectory parent, String name) throws IOException {
        require(parent.find(name) == null, "a name twice");
    }

    /** None that a guest could not set; the overlay's own marks have names in archives. */
    private static void requireKnownXattrs(SavedAttributes attributes) throws IOException {
        TreeMap<String, byte[]> kept = new TreeMap<>(attributes.xattrs());
        for (Map.Entry<String, byte[]> xattr : kept.entrySet()) {
            String name = xattr.getKey();
            boolean family =
                    name.startsWith("user.")
                            || name.startsWith("trusted.")
                            || name.startsWith("security.");
            require(family && name.length() <= XattrFlags.XATTR_NAME_MAX, "an attribute");
            require(xattr.getValue().length <= XattrFlags.XATTR_SIZE_MAX, "an attribute");
            if (name.startsWith(OverlayFileSystem.PRIVATE_XATTRS)) {
                attributes.xattrs().remove(name);
            }
        }
    }

    private static void require(boolean good, String what) throws IOException {
        if (!good) {
            throw new IOException("the archive is damaged: " + what);
        }
    }
}
