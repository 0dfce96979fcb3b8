package dev.runsc.gofer.protocol;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A request of the kernel. The {@code OPERATION} numbers are the protocol; a new operation takes a
 * new one.
 */
@SuppressWarnings("ArrayRecordComponent") // names are bytes; requests are never compared
public sealed interface Request {
    /** The number that says which record follows. */
    int operation();

    /** Writes the fields. */
    void writeFields(MessageWriter out);

    /** Writes the whole packet. */
    default void writeTo(MessageWriter out) {
        out.clear().u16(operation()).u16(0);
        writeFields(out);
    }

    /** Reads a whole packet. */
    static Request readFrom(MessageReader in) throws ProtocolException {
        int operation = in.u16();
        if (in.u16() != 0) {
            throw new ProtocolException("reserved bits");
        }
        Request request =
                switch (operation) {
                    case Attach.OPERATION -> Attach.readFields(in);
                    case OpenChannel.OPERATION -> OpenChannel.readFields(in);
                    case Walk.OPERATION -> Walk.readFields(in);
                    case WalkStat.OPERATION -> WalkStat.readFields(in);
                    case GetAttributes.OPERATION -> GetAttributes.readFields(in);
                    case SetAttributes.OPERATION -> SetAttributes.readFields(in);
                    case Open.OPERATION -> Open.readFields(in);
                    case Create.OPERATION -> Create.readFields(in);
                    case Read.OPERATION -> Read.readFields(in);
                    case Write.OPERATION -> Write.readFields(in);
                    case ReadDirectory.OPERATION -> ReadDirectory.readFields(in);
                    case ReadLink.OPERATION -> ReadLink.readFields(in);
                    case MakeDirectory.OPERATION -> MakeDirectory.readFields(in);
                    case MakeNode.OPERATION -> MakeNode.readFields(in);
                    case MakeSymlink.OPERATION -> MakeSymlink.readFields(in);
                    case Link.OPERATION -> Link.readFields(in);
                    case Unlink.OPERATION -> Unlink.readFields(in);
                    case Rename.OPERATION -> Rename.readFields(in);
                    case StatFileSystem.OPERATION -> StatFileSystem.readFields(in);
                    case Sync.OPERATION -> Sync.readFields(in);
                    case Flush.OPERATION -> Flush.readFields(in);
                    case GetXattr.OPERATION -> GetXattr.readFields(in);
                    case SetXattr.OPERATION -> SetXattr.readFields(in);
                    case ListXattr.OPERATION -> ListXattr.readFields(in);
                    case RemoveXattr.OPERATION -> RemoveXattr.readFields(in);
                    case Release.OPERATION -> Release.readFields(in);
                    default -> throw new ProtocolException("operation " + operation);
                };
        in.end();
        return request;
    }

    /** Asks for the node of a mount root. */
    record Attach(int root) implements Request {
        public static final int OPERATION = 1;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.u16(root);
        }

        static Attach readFields(MessageReader in) throws ProtocolException {
            return new Attach(in.u16());
        }
    }

    /** Asks for another connection to the same server; its descriptor comes beside the reply. */
    record OpenChannel() implements Request {
        public static final int OPERATION = 2;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            // none
        }

        static OpenChannel readFields(MessageReader in) {
            return new OpenChannel();
        }
    }

    /**
     * Steps down by names, one directory at a time. Stops early at what is no directory or is
     * missing.
     */
    record Walk(long node, List<byte[]> names) implements Request {
        public static final int OPERATION = 3;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(node);
            out.names(names);
        }

        static Walk readFields(MessageReader in) throws ProtocolException {
            return new Walk(in.s64(), in.names());
        }
    }

    /** As {@link Walk}, but keeps no nodes: asks for attributes only. */
    record WalkStat(long node, List<byte[]> names) implements Request {
        public static final int OPERATION = 4;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(node);
            out.names(names);
        }

        static WalkStat readFields(MessageReader in) throws ProtocolException {
            return new WalkStat(in.s64(), in.names());
        }
    }

    /** Asks for the attributes of nodes. */
    record GetAttributes(List<Long> nodes) implements Request {
        public static final int OPERATION = 5;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.nodes(nodes);
        }

        static GetAttributes readFields(MessageReader in) throws ProtocolException {
            return new GetAttributes(in.nodes());
        }
    }

    /** Changes attributes. */
    record SetAttributes(long node, AttributeChange change) implements Request {
        public static final int OPERATION = 6;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(node);
            change.writeTo(out);
        }

        static SetAttributes readFields(MessageReader in) throws ProtocolException {
            return new SetAttributes(in.s64(), AttributeChange.readFrom(in));
        }
    }

    /**
     * Opens a regular file or a directory. Regular files come as a donated descriptor if wanted.
     */
    record Open(long node, int flags, boolean donate) implements Request {
        public static final int OPERATION = 7;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(node).s32(flags).u8(donate ? 1 : 0);
        }

        static Open readFields(MessageReader in) throws ProtocolException {
            return new Open(in.s64(), in.s32(), in.bool());
        }
    }

    /** Creates a regular file that must not exist, and opens it. */
    record Create(
            long directory, byte[] name, int flags, int mode, int uid, int gid, boolean donate)
            implements Request {
        public static final int OPERATION = 8;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(directory).text(name).s32(flags).s32(mode).s32(uid).s32(gid).u8(donate ? 1 : 0);
        }

        static Create readFields(MessageReader in) throws ProtocolException {
            return new Create(
                    in.s64(), in.name(), in.s32(), in.s32(), in.s32(), in.s32(), in.bool());
        }
    }

    /** Reads from a handle. */
    record Read(long handle, long offset, int length) implements Request {
        public static final int OPERATION = 9;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(handle).s64(offset).s32(length);
        }

        static Read readFields(MessageReader in) throws ProtocolException {
            return new Read(in.s64(), in.s64(), in.s32());
        }
    }

    /** Writes to a handle. The data is a view of the packet. */
    record Write(long handle, long offset, ByteBuffer data) implements Request {
        public static final int OPERATION = 10;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(handle).s64(offset).data(data.duplicate());
        }

        static Write readFields(MessageReader in) throws ProtocolException {
            return new Write(in.s64(), in.s64(), in.data());
        }
    }

    /**
     * Lists entries of a directory handle from a position that an earlier entry gave, 0 at first.
     */
    record ReadDirectory(long handle, long position, int length) implements Request {
        public static final int OPERATION = 11;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(handle).s64(position).s32(length);
        }

        static ReadDirectory readFields(MessageReader in) throws ProtocolException {
            return new ReadDirectory(in.s64(), in.s64(), in.s32());
        }
    }

    /** Asks for the target of a symbolic link. */
    record ReadLink(long node) implements Request {
        public static final int OPERATION = 12;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(node);
        }

        static ReadLink readFields(MessageReader in) throws ProtocolException {
            return new ReadLink(in.s64());
        }
    }

    /** mkdir(2), with the owner to be. */
    record MakeDirectory(long directory, byte[] name, int mode, int uid, int gid)
            implements Request {
        public static final int OPERATION = 13;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(directory).text(name).s32(mode).s32(uid).s32(gid);
        }

        static MakeDirectory readFields(MessageReader in) throws ProtocolException {
            return new MakeDirectory(in.s64(), in.name(), in.s32(), in.s32(), in.s32());
        }
    }

    /** mknod(2) of a regular file, FIFO or socket. */
    record MakeNode(long directory, byte[] name, int mode, int uid, int gid) implements Request {
        public static final int OPERATION = 14;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(directory).text(name).s32(mode).s32(uid).s32(gid);
        }

        static MakeNode readFields(MessageReader in) throws ProtocolException {
            return new MakeNode(in.s64(), in.name(), in.s32(), in.s32(), in.s32());
        }
    }

    /** symlink(2). */
    record MakeSymlink(long directory, byte[] name, byte[] target, int uid, int gid)
            implements Request {
        public static final int OPERATION = 15;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(directory).text(name).text(target).s32(uid).s32(gid);
        }

        static MakeSymlink readFields(MessageReader in) throws ProtocolException {
            return new MakeSymlink(in.s64(), in.name(), in.path(), in.s32(), in.s32());
        }
    }

    /** link(2): another name for a node. */
    record Link(long node, long directory, byte[] name) implements Request {
        public static final int OPERATION = 16;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(node).s64(directory).text(name);
        }

        static Link readFields(MessageReader in) throws ProtocolException {
            return new Link(in.s64(), in.s64(), in.name());
        }
    }

    /** unlink(2), or rmdir(2). */
    record Unlink(long directory, byte[] name, boolean isDirectory) implements Request {
        public static final int OPERATION = 17;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(directory).text(name).u8(isDirectory ? 1 : 0);
        }

        static Unlink readFields(MessageReader in) throws ProtocolException {
            return new Unlink(in.s64(), in.name(), in.bool());
        }
    }

    /** renameat2(2). */
    record Rename(long oldDirectory, byte[] oldName, long newDirectory, byte[] newName, int flags)
            implements Request {
        public static final int OPERATION = 18;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(oldDirectory).text(oldName).s64(newDirectory).text(newName).s32(flags);
        }

        static Rename readFields(MessageReader in) throws ProtocolException {
            return new Rename(in.s64(), in.name(), in.s64(), in.name(), in.s32());
        }
    }

    /** statfs(2). */
    record StatFileSystem(long node) implements Request {
        public static final int OPERATION = 19;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(node);
        }

        static StatFileSystem readFields(MessageReader in) throws ProtocolException {
            return new StatFileSystem(in.s64());
        }
    }

    /** fsync(2) of a handle. */
    record Sync(long handle, boolean dataOnly) implements Request {
        public static final int OPERATION = 20;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(handle).u8(dataOnly ? 1 : 0);
        }

        static Sync readFields(MessageReader in) throws ProtocolException {
            return new Sync(in.s64(), in.bool());
        }
    }

    /** What close(2) of a descriptor tells the file system, while the handle stays open. */
    record Flush(long handle) implements Request {
        public static final int OPERATION = 21;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(handle);
        }

        static Flush readFields(MessageReader in) throws ProtocolException {
            return new Flush(in.s64());
        }
    }

    /** getxattr(2). */
    record GetXattr(long node, byte[] name) implements Request {
        public static final int OPERATION = 22;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(node).text(name);
        }

        static GetXattr readFields(MessageReader in) throws ProtocolException {
            return new GetXattr(in.s64(), in.path());
        }
    }

    /** setxattr(2). The value is a view of the packet. */
    record SetXattr(long node, byte[] name, ByteBuffer value, int flags) implements Request {
        public static final int OPERATION = 23;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(node).text(name).data(value.duplicate()).s32(flags);
        }

        static SetXattr readFields(MessageReader in) throws ProtocolException {
            return new SetXattr(in.s64(), in.path(), in.data(), in.s32());
        }
    }

    /** listxattr(2). */
    record ListXattr(long node) implements Request {
        public static final int OPERATION = 24;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(node);
        }

        static ListXattr readFields(MessageReader in) throws ProtocolException {
            return new ListXattr(in.s64());
        }
    }

    /** removexattr(2). */
    record RemoveXattr(long node, byte[] name) implements Request {
        public static final int OPERATION = 25;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(node).text(name);
        }

        static RemoveXattr readFields(MessageReader in) throws ProtocolException {
            return new RemoveXattr(in.s64(), in.path());
        }
    }

    /** Gives up nodes and handles. Has no reply; unknown numbers are passed over. */
    record Release(List<Long> nodes) implements Request {
        public static final int OPERATION = 26;

        @Override
        public int operation() {
            return OPERATION;
        }

        @Override
        public void writeFields(MessageWriter out) {
            out.nodes(nodes);
        }

        static Release readFields(MessageReader in) throws ProtocolException {
            return new Release(in.nodes());
        }
    }
}
