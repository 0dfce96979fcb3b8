package dev.runsc.kernel.fs.cgroup;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.cgroup.Cgroups;
import dev.runsc.kernel.cgroup.ControlGroup;
import dev.runsc.kernel.cgroup.Controller;
import dev.runsc.kernel.cgroup.Hierarchy;
import dev.runsc.kernel.cgroup.Membership;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.task.PidNamespace;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files of a container's groups for those outside, who need no mount for it.
 *
 * @param roots what the container takes for the root of each hierarchy
 * @param pids the numbers of its processes
 */
public record GroupControl(CgroupFiles files, Membership roots, PidNamespace pids) {
    private Cgroups cgroups() {
        return files.tasks().cgroups();
    }

    /**
     * What a file shows.
     *
     * @param path absolute, from the container's root
     * @throws ErrnoException ENOENT when there is no such group or file, ENODEV for a controller
     *     that no hierarchy has
     */
    public String read(Controller controller, String path, String name) throws ErrnoException {
        ControlGroup group = find(controller, path);
        ControlFile file = require(group, name);
        if ((file.permissions() & 0444) == 0) {
            throw Errno.EACCES.error();
        }
        Content out = new Content();
        file.show(view(group), out);
        return new String(out.toBytes(), StandardCharsets.UTF_8);
    }

    /** Writes to a file; errors as {@link #read} has them, and the file's own. */
    public void write(Controller controller, String path, String name, String value)
            throws ErrnoException {
        ControlGroup group = find(controller, path);
        ControlFile file = require(group, name);
        if ((file.permissions() & 0222) == 0) {
            throw Errno.EACCES.error();
        }
        file.write(view(group), value.strip());
    }

    /**
     * Sets limits of the container itself.
     *
     * @param limits by files of version 2, whatever the version that shows them
     */
    public void limit(Map<String, String> limits) throws ErrnoException {
        for (Map.Entry<String, String> limit : limits.entrySet()) {
            UnifiedFile file = UnifiedFile.find(limit.getKey());
            Hierarchy hierarchy = file == null ? null : cgroups().of(file.controller());
            if (file == null || hierarchy == null) {
                throw Errno.ENOENT.error();
            }
            ControlGroup group = roots.in(hierarchy);
            if (!group.isRoot()) {
                file.write(view(group), limit.getValue());
            }
        }
    }

    private GroupView view(ControlGroup group) {
        return new GroupView(files, group, null, null, pids);
    }

    private ControlGroup find(Controller controller, String path) throws ErrnoException {
        if (!path.startsWith("/")) {
            throw Errno.EINVAL.error();
        }
        Hierarchy hierarchy = cgroups().of(controller);
        if (hierarchy == null) {
            throw Errno.ENODEV.error();
        }
        if (hierarchy.isUnified()) {
            cgroups().delegate(other -> false);
        }
        @Nullable ControlGroup at = roots.in(hierarchy);
        for (String name : path.split("/", -1)) {
            at = at == null || name.isEmpty() ? at : at.child(name);
        }
        if (at == null) {
            throw Errno.ENOENT.error();
        }
        return at;
    }

    private static ControlFile require(ControlGroup group, String name) throws ErrnoException {
        ControlFile file = ControlFile.find(group, name);
        if (file == null) {
            throw Errno.ENOENT.error();
        }
        return file;
    }
}
