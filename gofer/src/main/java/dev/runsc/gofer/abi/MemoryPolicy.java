package dev.runsc.gofer.abi;

/**
 * Modes and flags of set_mempolicy(2), mbind(2), move_pages(2). Names and values are those of the
 * Linux x86-64 headers.
 */
public final class MemoryPolicy {
    public static final int MPOL_DEFAULT = 0;
    public static final int MPOL_F_NODE = 1;
    public static final int MPOL_F_SHARED = 1;
    public static final int MPOL_MF_STRICT = 1;
    public static final int MPOL_PREFERRED = 1;
    public static final int MPOL_BIND = 2;
    public static final int MPOL_F_ADDR = 2;
    public static final int MPOL_MF_MOVE = 2;
    public static final int MPOL_INTERLEAVE = 3;
    public static final int MPOL_F_MEMS_ALLOWED = 4;
    public static final int MPOL_LOCAL = 4;
    public static final int MPOL_MF_MOVE_ALL = 4;
    public static final int MPOL_PREFERRED_MANY = 5;
    public static final int MPOL_MAX = 6;
    public static final int MPOL_MF_VALID = 7;
    public static final int MPOL_F_MOF = 8;
    public static final int MPOL_MF_LAZY = 8;
    public static final int MPOL_F_MORON = 16;
    public static final int MPOL_MF_INTERNAL = 16;
    public static final int MPOL_F_NUMA_BALANCING = 8192;
    public static final int MPOL_F_RELATIVE_NODES = 16384;
    public static final int MPOL_F_STATIC_NODES = 32768;
    public static final int MPOL_MODE_FLAGS = 57344;

    private MemoryPolicy() {}
}
