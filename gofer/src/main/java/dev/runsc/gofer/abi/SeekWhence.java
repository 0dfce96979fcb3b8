package dev.runsc.gofer.abi;

/** Origins of lseek(2). Names and values are those of the Linux x86-64 headers. */
public final class SeekWhence {
    public static final int SEEK_SET = 0;
    public static final int SEEK_CUR = 1;
    public static final int SEEK_END = 2;
    public static final int SEEK_DATA = 3;
    public static final int SEEK_HOLE = 4;
    public static final int SEEK_MAX = 4;

    private SeekWhence() {}
}
