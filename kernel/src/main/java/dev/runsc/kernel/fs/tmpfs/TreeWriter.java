package dev.runsc.kernel.fs.tmpfs;

import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.MemoryInode;
import dev.runsc.kernel.vfs.RawName;
import dev.runsc.kernel.vfs.SavedAttributes;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Writes the tree of an instance as {@link TreeRecords}, while nothing changes it. What is there is
 * what has a name: files that are only open, and what processes know of them, are not.
 */
public final class TreeWriter {
    private final DataOutputStream out;
    private final Contents contents;
    private final Predicate<String> leftOut;

    /** The numbers of files with several names. */
    private final Map<Inode, Integer> linked = new IdentityHashMap<>();

    /** Takes the pieces of the memory file that files lie in. */
    public interface Contents {
        void add(long memoryOffset, long lengthBytes);
    }

    /** A directory whose entries are being written. */
    private record Open(TmpfsDirectory directory, Iterator<String> names) {}

    /**
     * @param leftOut extended attributes that mean nothing elsewhere
     */
    public TreeWriter(DataOutputStream out, Contents contents, Predicate<String> leftOut) {
        this.out = out;
        this.contents = contents;
        this.leftOut = leftOut;
    }

    public void write(TmpfsFileSystem tree) throws IOException {
        linked.clear();
        attributes(tree.rootDirectory());
        // A list in place of recursion: guests make trees deeper than our stack.
        ArrayDeque<Open> path = new ArrayDeque<>();
        path.push(open(tree.rootDirectory()));
        while (!path.isEmpty()) {
            Open here = path.peek();
            if (!here.names.hasNext()) {
                out.writeByte(TreeRecords.END);
                path.pop();
                continue;
            }
            String name = here.names.next();
            Inode inode = here.directory.find(name);
            if (inode instanceof TmpfsDirectory below) {
                begin(TreeRecords.DIRECTORY, name);
                attributes(below);
                path.push(open(below));
            } else if (inode instanceof TmpfsInode file) {
                other(name, file);
            } else {
                throw new AssertionError("what is " + RawName.text(name) + " of a tmpfs?");
            }
        }
    }

    private static Open open(TmpfsDirectory directory) {
        return new Open(directory, directory.names().iterator());
    }

    private void other(String name, TmpfsInode file) throws IOException {
        Integer known = linked.get(file);
        if (known != null) {
            begin(TreeRecords.LINK, name);
            out.writeInt(known);
            return;
        }
        int link = 0;
        if (file.links() > 1) {
            link = linked.size() + 1;
            linked.put(file, link);
        }
        switch (file.type()) {
            case FileMode.S_IFREG -> {
                begin(TreeRecords.FILE, name);
                attributes(file);
                out.writeInt(link);
                contents((TmpfsFile) file);
            }
            case FileMode.S_IFLNK -> {
                begin(TreeRecords.SYMLINK, name);
                attributes(file);
                out.writeInt(link);
                text(((TmpfsSymlink) file).target());
            }
            default -> {
                begin(TreeRecords.NODE, name);
                attributes(file);
                out.writeInt(link);
                out.writeLong(file.deviceNumber());
            }
        }
    }

    private void contents(TmpfsFile file) throws IOException {
        out.writeLong(file.size());
        file.tellPieces((offset, memoryOffset, lengthBytes) -> {
            out.writeLong(offset);
            out.writeLong(memoryOffset);
            out.writeLong(lengthBytes);
            contents.add(memoryOffset, lengthBytes);
        });
        out.writeLong(TreeRecords.NO_MORE);
    }

    private void begin(int kind, String name) throws IOException {
        out.writeByte(kind);
        text(name);
    }

    private void attributes(MemoryInode inode) throws IOException {
        SavedAttributes saved = inode.attributes();
        out.writeInt(saved.mode());
        out.writeInt(saved.uid());
        out.writeInt(saved.gid());
        out.writeLong(saved.accessNanos());
        out.writeLong(saved.modifyNanos());
        out.writeLong(saved.changeNanos());
        Map<String, byte[]> xattrs = saved.xattrs();
        xattrs.keySet().removeIf(leftOut);
        out.writeShort(xattrs.size());
        for (Map.Entry<String, byte[]> xattr : xattrs.entrySet()) {
            text(xattr.getKey());
            out.writeInt(xattr.getValue().length);
            out.write(xattr.getValue());
        }
    }

    /** Names and targets of links are shorter than a path may be. */
    private void text(String raw) throws IOException {
        byte[] bytes = RawName.bytes(raw);
        out.writeShort(bytes.length);
        out.write(bytes);
    }
}
