package dev.runsc.kernel.arch;

import java.util.List;

/**
 * The layers inside the kernel, lowest first. A package belongs to the layer that names it or the
 * nearest package above it, so that {@code fs.proc} can stand higher than {@code fs}.
 */
final class Layers {
    static final String ROOT = "dev.runsc.kernel";

    private static final List<List<String>> LOWEST_FIRST =
            List.of(
                    List.of("sync"),
                    List.of("auth", "time"),
                    List.of("platform"),
                    List.of("memory"),
                    List.of("vfs"),
                    List.of("fs", "net", "ipc", "cgroup"),
                    List.of("task"),
                    List.of("fs.proc", "fs.sys", "fs.tty", "fs.cgroup"),
                    List.of("syscalls", "trace"));

    private static final int UNKNOWN = -1;

    private Layers() {}

    /**
     * The height of a package's layer; the root package (Kernel) is above all; {@code UNKNOWN} for
     * a new one.
     */
    static int heightOf(String packageName) {
        if (packageName.equals(ROOT)) {
            return LOWEST_FIRST.size();
        }
        String name = packageName.substring(ROOT.length() + 1);
        while (true) {
            for (int height = 0; height < LOWEST_FIRST.size(); height++) {
                if (LOWEST_FIRST.get(height).contains(name)) {
                    return height;
                }
            }
            int lastDot = name.lastIndexOf('.');
            if (lastDot < 0) {
                return UNKNOWN;
            }
            name = name.substring(0, lastDot);
        }
    }

    static boolean isKnown(String packageName) {
        return heightOf(packageName) != UNKNOWN;
    }

    static boolean isKernel(String packageName) {
        return packageName.equals(ROOT) || packageName.startsWith(ROOT + ".");
    }

    /** Whether code of the first package may use code of the second. */
    static boolean mayUse(String user, String used) {
        return heightOf(used) <= heightOf(user);
    }
}
