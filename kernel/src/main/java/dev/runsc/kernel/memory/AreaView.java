package dev.runsc.kernel.memory;

/**
 * One area as /proc/pid/maps and smaps show it.
 *
 * @param protection {@code PROT_*}
 * @param shared whether the fourth letter is {@code s}
 * @param offset bytes into the file, 0 for anonymous memory
 * @param device device number of the file, 0 for anonymous memory
 * @param name path, bracketed name, or empty
 * @param vmFlags the letters of smaps' VmFlags line, each pair followed by a space
 * @param residentBytes bytes in memory
 * @param anonymousBytes of those, private to the process or its relatives
 * @param lockedBytes bytes locked by mlock
 */
public record AreaView(
        long start,
        long end,
        int protection,
        boolean shared,
        long offset,
        long device,
        long inode,
        String name,
        String vmFlags,
        long residentBytes,
        long anonymousBytes,
        long lockedBytes) {
    /** The four letters, such as {@code r-xp}. */
    public String permissions() {
        return ((protection & 1) != 0 ? "r" : "-")
                + ((protection & 2) != 0 ? "w" : "-")
                + ((protection & 4) != 0 ? "x" : "-")
                + (shared ? "s" : "p");
    }
}
