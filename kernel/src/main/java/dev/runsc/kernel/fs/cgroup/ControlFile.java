package dev.runsc.kernel.fs.cgroup;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.cgroup.ControlGroup;
import dev.runsc.kernel.cgroup.Notice;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A kind of file in a group's directory (Linux {@code struct cftype}). */
interface ControlFile extends Savable {
    String fileName();

    int permissions();

    /** Whether a group has it now. */
    boolean isIn(ControlGroup group);

    void show(GroupView view, Content out) throws ErrnoException;

    /** Takes a write, without blanks around it. */
    default void write(GroupView view, String text) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    /** What tells that it has changed; null when nothing does. */
    default @Nullable Notice notice(ControlGroup group) {
        return null;
    }

    /** Every kind that a group has now. */
    static List<ControlFile> of(ControlGroup group) {
        List<ControlFile> found = new ArrayList<>();
        for (ControlFile[] kinds :
                new ControlFile[][] {
                    CoreFile.values(), UnifiedFile.values(), LegacyFile.values()
                }) {
            for (ControlFile kind : kinds) {
                if (kind.isIn(group)) {
                    found.add(kind);
                }
            }
        }
        return found;
    }

    /** The kind with a name that a group has now, or null. */
    static @Nullable ControlFile find(ControlGroup group, String name) {
        for (ControlFile kind : of(group)) {
            if (kind.fileName().equals(name)) {
                return kind;
            }
        }
        return null;
    }
}
