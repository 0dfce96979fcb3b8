package dev.runsc.gofer.abi;

/**
 * Flags and limits of the extended attribute calls (xattr(7)). Names and values are those of the
 * Linux x86-64 headers.
 */
public final class XattrFlags {
    public static final int XATTR_CREATE = 1;
    public static final int XATTR_REPLACE = 2;
    public static final int XATTR_NAME_MAX = 255;
    public static final int XATTR_LIST_MAX = 0x10000;
    public static final int XATTR_SIZE_MAX = 0x10000;

    private XattrFlags() {}
}
