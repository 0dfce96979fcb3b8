package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Inode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /proc/PID/ns}. */
final class NamespaceDirectory extends SubjectDirectory {
    private static final long LINK_PART = 1L << 26;

    NamespaceDirectory(Subject subject, long part) {
        super(subject, part, 0511);
    }

    @Override
    protected @Nullable Inode findDynamic(Caller caller, String name) {
        for (NamespaceKind kind : NamespaceKind.values()) {
            if (kind.linkName().equals(name) && subject().isAlive()) {
                return new NamespaceLink(subject(), LINK_PART + kind.ordinal(), kind);
            }
        }
        return null;
    }

    @Override
    protected List<DynamicEntry> listDynamic(Caller caller) {
        List<DynamicEntry> entries = new ArrayList<>();
        for (NamespaceKind kind : NamespaceKind.values()) {
            long inode = subject().inode(LINK_PART + kind.ordinal());
            entries.add(new DynamicEntry(kind.linkName(), inode, FileMode.DT_LNK));
        }
        return entries;
    }
}
