package dev.runsc.gofer.protocol;

/** Bounds of the protocol. */
public final class Limits {
    /**
     * The largest packet. Bytes of files travel by donated descriptors, so packets need not be
     * large; a packet must fit into the socket's buffer (208 KiB unless the machine is told
     * otherwise).
     */
    public static final int MESSAGE_BYTES = 80 * 1024;

    /** Bytes of file content, or of directory entries, in one packet. */
    public static final int DATA_BYTES = 64 * 1024;

    /** {@code NAME_MAX}. */
    public static final int NAME_BYTES = 255;

    /** {@code PATH_MAX}, with its zero. */
    public static final int PATH_BYTES = 4096;

    /** Components of one walk: {@code MAXSYMLINKS}-free paths have at most 2048, few have 64. */
    public static final int WALK_NAMES = 64;

    /** Nodes of one request that asks for attributes, or releases. */
    public static final int NODES = 256;

    /** Value of an extended attribute: {@code XATTR_SIZE_MAX}. */
    public static final int XATTR_BYTES = 64 * 1024;

    /** Connections of one client, the first among them. */
    public static final int CHANNELS = 8;

    private Limits() {}
}
