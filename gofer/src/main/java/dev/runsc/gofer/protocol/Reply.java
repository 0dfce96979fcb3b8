package dev.runsc.gofer.protocol;

import dev.runsc.gofer.abi.Statfs;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * An answer of the server. Which record it is follows from the request. A packet starts with an
 * error number, and nothing follows one that is not 0.
 */
@SuppressWarnings("ArrayRecordComponent") // names are bytes; replies are never compared
public sealed interface Reply {
    /** Writes the fields. */
    void writeFields(MessageWriter out);

    /** Writes the whole packet of a success. */
    default void writeTo(MessageWriter out) {
        out.clear().s32(0);
        writeFields(out);
    }

    /** Writes the whole packet of a failure. */
    static void writeFailure(MessageWriter out, int errno) {
        out.clear().s32(errno);
    }

    /** How to take a reply apart. */
    interface Decoder<T extends Reply> {
        T readFields(MessageReader in) throws ProtocolException;
    }

    /** Nothing but the news of success. */
    record Done() implements Reply {
        @Override
        public void writeFields(MessageWriter out) {
            // none
        }

        public static Done readFields(MessageReader in) throws ProtocolException {
            in.end();
            return new Done();
        }
    }

    /**
     * A node and what it is like.
     *
     * @param node its number
     */
    record Node(long node, NodeAttributes attributes) implements Reply {
        @Override
        public void writeFields(MessageWriter out) {
            out.s64(node);
            attributes.writeTo(out);
        }

        public static Node readFields(MessageReader in) throws ProtocolException {
            return new Node(in.s64(), NodeAttributes.readFrom(in));
        }
    }

    /** The root of a mount. */
    record Attached(Node root, boolean readOnly) implements Reply {
        @Override
        public void writeFields(MessageWriter out) {
            root.writeFields(out);
            out.u8(readOnly ? 1 : 0);
        }

        public static Attached readFields(MessageReader in) throws ProtocolException {
            return new Attached(Node.readFields(in), in.bool());
        }
    }

    /** Why a walk ended. */
    enum WalkEnd {
        /** All names were found. */
        COMPLETE,
        /** The name after the last node does not exist. */
        MISSING,
        /** The last node is a symbolic link, and names are left or the walk asked for it. */
        SYMLINK,
        /** The last node is no directory, and names are left. */
        NOT_DIRECTORY
    }

    /**
     * How far a walk came.
     *
     * @param nodes one for each name that was found
     * @param linkTarget where the last node points if it is a symbolic link, else empty
     */
    record Walked(WalkEnd end, List<Node> nodes, byte[] linkTarget) implements Reply {
        @Override
        public void writeFields(MessageWriter out) {
            out.u8(end.ordinal()).u16(nodes.size());
            for (Node node : nodes) {
                node.writeFields(out);
            }
            out.text(linkTarget);
        }

        public static Walked readFields(MessageReader in) throws ProtocolException {
            WalkEnd end = end(in.u8());
            int count = in.count(Limits.WALK_NAMES);
            List<Node> nodes = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                nodes.add(Node.readFields(in));
            }
            return new Walked(end, nodes, in.path());
        }

        private static WalkEnd end(int number) throws ProtocolException {
            return switch (number) {
                case 0 -> WalkEnd.COMPLETE;
                case 1 -> WalkEnd.MISSING;
                case 2 -> WalkEnd.SYMLINK;
                case 3 -> WalkEnd.NOT_DIRECTORY;
                default -> throw new ProtocolException("end of a walk: " + number);
            };
        }
    }

    /** Attributes of several nodes, in the order they were asked for. */
    record Attributes(List<NodeAttributes> all) implements Reply {
        @Override
        public void writeFields(MessageWriter out) {
            out.u16(all.size());
            for (NodeAttributes one : all) {
                one.writeTo(out);
            }
        }

        public static Attributes readFields(MessageReader in) throws ProtocolException {
            int count = in.count(Limits.NODES);
            List<NodeAttributes> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(NodeAttributes.readFrom(in));
            }
            return new Attributes(all);
        }
    }

    /**
     * An open file: donated beside the packet, or kept by the server.
     *
     * @param handle its number, 0 when it was donated
     */
    record Opened(long handle) implements Reply {
        public static final long DONATED = 0;

        @Override
        public void writeFields(MessageWriter out) {
            out.s64(handle);
        }

        public static Opened readFields(MessageReader in) throws ProtocolException {
            return new Opened(in.s64());
        }
    }

    /** A new file, open. */
    record Created(Node node, long handle) implements Reply {
        @Override
        public void writeFields(MessageWriter out) {
            node.writeFields(out);
            out.s64(handle);
        }

        public static Created readFields(MessageReader in) throws ProtocolException {
            return new Created(Node.readFields(in), in.s64());
        }
    }

    /** Content; a view of the packet on the side that reads it. */
    record Data(ByteBuffer data) implements Reply {
        @Override
        public void writeFields(MessageWriter out) {
            out.data(data.duplicate());
        }

        public static Data readFields(MessageReader in) throws ProtocolException {
            return new Data(in.data());
        }
    }

    /** How many bytes were written. */
    record Count(int bytes) implements Reply {
        @Override
        public void writeFields(MessageWriter out) {
            out.s32(bytes);
        }

        public static Count readFields(MessageReader in) throws ProtocolException {
            return new Count(in.s32());
        }
    }

    /** The target of a symbolic link. */
    record LinkTarget(byte[] target) implements Reply {
        @Override
        public void writeFields(MessageWriter out) {
            out.text(target);
        }

        public static LinkTarget readFields(MessageReader in) throws ProtocolException {
            return new LinkTarget(in.path());
        }
    }

    /** What statfs(2) says. */
    record FileSystem(Statfs statfs) implements Reply {
        @Override
        public void writeFields(MessageWriter out) {
            out.data(statfs.toBytes());
        }

        public static FileSystem readFields(MessageReader in) throws ProtocolException {
            ByteBuffer data = in.data();
            if (data.remaining() != Statfs.BYTES) {
                throw new ProtocolException("statfs of " + data.remaining() + " bytes");
            }
            return new FileSystem(Statfs.readFrom(data));
        }
    }
}
