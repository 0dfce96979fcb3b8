package dev.runsc.kernel.fs.proc;

/** The plain files in the root of proc. */
enum RootFile {
    CGROUPS("cgroups", 0444),
    CMDLINE("cmdline", 0444),
    CONSOLES("consoles", 0444),
    CPUINFO("cpuinfo", 0444),
    CRYPTO("crypto", 0444),
    DEVICES("devices", 0444),
    DISKSTATS("diskstats", 0444),
    EXECDOMAINS("execdomains", 0444),
    FILESYSTEMS("filesystems", 0444),
    INTERRUPTS("interrupts", 0444),
    IOMEM("iomem", 0444),
    IOPORTS("ioports", 0444),
    KALLSYMS("kallsyms", 0444),
    KEYS("keys", 0444),
    LOADAVG("loadavg", 0444),
    LOCKS("locks", 0444),
    MEMINFO("meminfo", 0444),
    MISC("misc", 0444),
    MODULES("modules", 0444),
    PARTITIONS("partitions", 0444),
    SLABINFO("slabinfo", 0400),
    SOFTIRQS("softirqs", 0444),
    STAT("stat", 0444),
    SWAPS("swaps", 0444),
    UPTIME("uptime", 0444),
    VERSION("version", 0444),
    VMSTAT("vmstat", 0444),
    ZONEINFO("zoneinfo", 0444);

    private final String fileName;
    private final int permissions;

    RootFile(String fileName, int permissions) {
        this.fileName = fileName;
        this.permissions = permissions;
    }

    String fileName() {
        return fileName;
    }

    int permissions() {
        return permissions;
    }
}
