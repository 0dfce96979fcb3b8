package dev.runsc.gofer.abi;

/** Flags of renameat2(2). Names and values are those of the Linux x86-64 headers. */
public final class RenameFlags {
    public static final int RENAME_NOREPLACE = 1;
    public static final int RENAME_EXCHANGE = 2;
    public static final int RENAME_WHITEOUT = 4;

    private RenameFlags() {}
}
