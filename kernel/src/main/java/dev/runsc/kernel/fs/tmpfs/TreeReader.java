package dev.runsc.kernel.fs.tmpfs;

import com.google.errorprone.annotations.FormatMethod;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.KernelLimits;
import dev.runsc.gofer.abi.XattrFlags;
import dev.runsc.kernel.auth.IdMap;
import dev.runsc.kernel.vfs.NewInode;
import dev.runsc.kernel.vfs.RawName;
import dev.runsc.kernel.vfs.SavedAttributes;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Fills an instance that nobody has seen yet from {@link TreeRecords}. Those may come from anybody:
 * what no guest could have made is refused.
 */
public final class TreeReader {
    private static final int PERMISSIONS = 07777;

    private final DataInputStream in;
    private final Contents contents;
    private final Predicate<String> leftOut;

    /** Files with several names, by their numbers less one. */
    private final List<TmpfsInode> linked = new ArrayList<>();

    /** The bytes of files. */
    public interface Contents {
        /**
         * The first offset from {@code from} on, and below {@code to}, where bytes are that need
         * not be zero; {@code to} when there is none.
         */
        long nextData(long from, long to) throws ErrnoException;

        /** Where they end. */
        long nextHole(long from, long to) throws ErrnoException;

        /** Fills a segment; returns bytes, fewer only at the end. */
        int read(long offset, MemorySegment target) throws ErrnoException;

        /** They have been read, and are zero from now on: nobody gets them a second time. */
        void drop(long offset, long lengthBytes) throws ErrnoException;
    }

    /** A directory that is being filled; it becomes what it was once all is in it. */
    private record Open(TmpfsDirectory directory, SavedAttributes attributes) {}

    /**
     * @param leftOut extended attributes that mean nothing here
     */
    public TreeReader(DataInputStream in, Contents contents, Predicate<String> leftOut) {
        this.in = in;
        this.contents = contents;
        this.leftOut = leftOut;
    }

    /**
     * Fills an instance.
     *
     * @throws IOException when the records are damaged
     * @throws ErrnoException when the instance has no room, as its limits are
     */
    public void read(TmpfsFileSystem tree) throws IOException, ErrnoException {
        linked.clear();
        ArrayDeque<Open> path = new ArrayDeque<>();
        path.push(new Open(tree.rootDirectory(), attributes(FileMode.S_IFDIR)));
        while (!path.isEmpty()) {
            Open here = path.element();
            int kind = in.readUnsignedByte();
            if (kind == TreeRecords.END) {
                here.directory.adopt(here.attributes);
                path.pop();
                continue;
            }
            String name = name(here.directory);
            if (kind == TreeRecords.DIRECTORY) {
                SavedAttributes attributes = attributes(FileMode.S_IFDIR);
                path.push(
                        new Open(
                                here.directory.makeDirectory(name, start(attributes, 0)),
                                attributes));
            } else {
                other(kind, here.directory, name);
            }
        }
    }

    private void other(int kind, TmpfsDirectory directory, String name)
            throws IOException, ErrnoException {
        switch (kind) {
            case TreeRecords.FILE -> {
                SavedAttributes attributes = attributes(FileMode.S_IFREG);
                int link = in.readInt();
                TmpfsFile file = (TmpfsFile) directory.makeNode(name, start(attributes, 0));
                number(link, file);
                contents(file);
                file.adopt(attributes);
            }
            case TreeRecords.SYMLINK -> {
                SavedAttributes attributes = attributes(FileMode.S_IFLNK);
                int link = in.readInt();
                String target = text(KernelLimits.PATH_MAX - 1);
                TmpfsInode made = directory.makeSymlink(name, target, start(attributes, 0));
                number(link, made);
                made.adopt(attributes);
            }
            case TreeRecords.NODE -> {
                SavedAttributes attributes = attributes(0);
                int link = in.readInt();
                TmpfsInode made =
                        directory.makeNode(name, start(attributes, device(attributes.mode())));
                number(link, made);
                made.adopt(attributes);
            }
            case TreeRecords.LINK -> {
                int link = in.readInt();
                require(link > 0 && link <= linked.size(), "link to file %d", link);
                TmpfsInode target = linked.get(link - 1);
                SavedAttributes attributes = target.attributes();
                directory.makeLink(name, target);
                target.adopt(attributes);
            }
            default -> require(false, "record of kind %d", kind);
        }
    }

    private static NewInode start(SavedAttributes attributes, long device) {
        return new NewInode(attributes.mode(), attributes.uid(), attributes.gid(), device);
    }

    private void number(int link, TmpfsInode made) throws IOException {
        if (link != 0) {
            require(link == linked.size() + 1, "number %d of a file", link);
            linked.add(made);
        }
    }

    /** Device files have a number, others none. */
    private long device(int mode) throws IOException {
        long device = in.readLong();
        switch (mode & FileMode.S_IFMT) {
            case FileMode.S_IFCHR, FileMode.S_IFBLK ->
                    require(device >= 0 && device <= 0xffff_ffffL, "device %d", device);
            case FileMode.S_IFIFO, FileMode.S_IFSOCK -> require(device == 0, "device %d", device);
            default -> require(false, "mode %d of a special file", mode);
        }
        return device;
    }

    // ---- contents

    private void contents(TmpfsFile file) throws IOException, ErrnoException {
        long size = in.readLong();
        require(size >= 0, "size %d", size);
        long end = PageStore.pageUp(size);
        long done = 0;
        long offset = in.readLong();
        while (offset != TreeRecords.NO_MORE) {
            long memoryOffset = in.readLong();
            long length = in.readLong();
            require(offset >= done && offset < end && aligned(offset), "offset %d", offset);
            require(
                    length > 0 && length <= end - offset && aligned(length),
                    "length %d of a piece",
                    length);
            require(
                    memoryOffset >= 0
                            && memoryOffset <= Long.MAX_VALUE - length
                            && aligned(memoryOffset),
                    "offset %d in memory",
                    memoryOffset);
            copy(file, offset, Math.min(length, size - offset), memoryOffset);
            done = offset + length;
            offset = in.readLong();
        }
        file.grow(size);
    }

    private static boolean aligned(long number) {
        return PageStore.pageDown(number) == number;
    }

    /** What is a hole in the contents is one in the file. */
    private void copy(TmpfsFile file, long offset, long length, long from) throws ErrnoException {
        long to = from + length;
        long shift = offset - from;
        long data = contents.nextData(from, to);
        while (data < to) {
            long hole = contents.nextHole(data, to);
            file.fillFrom(
                    data + shift, hole + shift, (at, target) -> contents.read(at - shift, target));
            contents.drop(data, hole - data);
            data = hole < to ? contents.nextData(hole, to) : to;
        }
    }

    // ---- what records are made of

    /**
     * @param type what the file must be; 0 for one that {@link #device} looks at
     */
    private SavedAttributes attributes(int type) throws IOException {
        int mode = in.readInt();
        require((mode & ~(FileMode.S_IFMT | PERMISSIONS)) == 0, "mode %d", mode);
        require(type == 0 || (mode & FileMode.S_IFMT) == type, "mode %d", mode);
        int uid = in.readInt();
        int gid = in.readInt();
        require(uid != IdMap.NONE && gid != IdMap.NONE, "owner %d", uid);
        long access = in.readLong();
        long modify = in.readLong();
        long change = in.readLong();
        return new SavedAttributes(mode, uid, gid, access, modify, change, xattrs());
    }

    private TreeMap<String, byte[]> xattrs() throws IOException {
        TreeMap<String, byte[]> xattrs = new TreeMap<>();
        int count = in.readUnsignedShort();
        int listBytes = 0;
        for (int i = 0; i < count; i++) {
            String name = text(XattrFlags.XATTR_NAME_MAX);
            listBytes += name.length() + 1;
            require(listBytes <= XattrFlags.XATTR_LIST_MAX, "%d bytes of attributes", listBytes);
            require(name.indexOf('.') > 0 && !xattrs.containsKey(name), "attribute %d", i);
            int length = in.readInt();
            require(length >= 0 && length <= XattrFlags.XATTR_SIZE_MAX, "%d bytes", length);
            xattrs.put(name, exactly(length));
        }
        xattrs.keySet().removeIf(leftOut);
        return xattrs;
    }

    private String name(TmpfsDirectory directory) throws IOException {
        String name = text(KernelLimits.NAME_MAX);
        boolean special = name.equals(".") || name.equals("..");
        require(!special && name.indexOf('/') < 0, "name of %d bytes", name.length());
        require(directory.find(name) == null, "name of %d bytes twice", name.length());
        return name;
    }

    private String text(int most) throws IOException {
        int length = in.readUnsignedShort();
        require(length > 0 && length <= most, "text of %d bytes", length);
        String text = RawName.of(exactly(length));
        require(text.indexOf('\0') < 0, "zero in a text of %d bytes", length);
        return text;
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return bytes;
    }

    @FormatMethod
    private static void require(boolean good, String what, Object about) throws IOException {
        if (!good) {
            throw new IOException(
                    "the image is damaged: " + String.format(Locale.ROOT, what, about));
        }
    }
}
