package dev.runsc.kernel.fs.cgroup;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.cgroup.Cgroups;
import dev.runsc.kernel.cgroup.Controller;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileSystem;
import dev.runsc.kernel.vfs.FileSystemType;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * {@code cgroup} and {@code cgroup2} for mount(2).
 *
 * @param unified version 2
 */
public record CgroupType(CgroupFiles files, boolean unified) implements FileSystemType {
    private static final Set<String> UNIFIED_OPTIONS =
            Set.of("nsdelegate", "favordynmods", "memory_localevents", "memory_recursiveprot");

    private static final Set<String> LEGACY_OPTIONS =
            Set.of("xattr", "noprefix", "clone_children", "cpuset_v2_mode", "favordynmods");

    private static final int NAME_MAX = 64;

    @Override
    public String name() {
        return unified ? "cgroup2" : "cgroup";
    }

    @Override
    public boolean isForUserNamespaces() {
        return true;
    }

    @Override
    public FileSystem mount(Caller caller, VirtualFileSystem vfs, String source, String data)
            throws ErrnoException {
        String[] options =
                Arrays.stream(data.split(",", -1))
                        .filter(option -> !option.isEmpty())
                        .toArray(String[]::new);
        return unified ? mountUnified(vfs, options) : mountLegacy(vfs, options);
    }

    /** Whoever mounts it first gets every controller that no hierarchy of version 1 has. */
    private FileSystem mountUnified(VirtualFileSystem vfs, String[] options) throws ErrnoException {
        if (!UNIFIED_OPTIONS.containsAll(Arrays.asList(options))) {
            throw Errno.EINVAL.error();
        }
        Cgroups cgroups = files.tasks().cgroups();
        cgroups.delegate(hierarchy -> files.isUnused(vfs, hierarchy));
        return files.of(vfs, cgroups.unified());
    }

    private FileSystem mountLegacy(VirtualFileSystem vfs, String[] options) throws ErrnoException {
        EnumSet<Controller> wanted = EnumSet.noneOf(Controller.class);
        String hierarchyName = "";
        boolean all = false;
        boolean none = false;
        for (String option : options) {
            Controller controller = Controller.find(option);
            if (controller != null) {
                wanted.add(controller);
            } else if (option.startsWith("name=")) {
                hierarchyName = option.substring("name=".length());
                requireName(hierarchyName);
            } else if (option.equals("all")) {
                all = true;
            } else if (option.equals("none")) {
                none = true;
            } else if (!LEGACY_OPTIONS.contains(option) && !option.startsWith("release_agent=")) {
                throw Errno.EINVAL.error();
            }
        }
        if (all && !wanted.isEmpty() || none && (all || !wanted.isEmpty())) {
            throw Errno.EINVAL.error();
        }
        if (all || wanted.isEmpty() && !none && hierarchyName.isEmpty()) {
            wanted.addAll(EnumSet.allOf(Controller.class));
        }
        Cgroups cgroups = files.tasks().cgroups();
        return files.of(
                vfs,
                cgroups.legacy(hierarchyName, wanted, hierarchy -> files.isUnused(vfs, hierarchy)));
    }

    private static void requireName(String name) throws ErrnoException {
        if (name.isEmpty() || name.length() >= NAME_MAX || !name.matches("[A-Za-z0-9._-]+")) {
            throw Errno.EINVAL.error();
        }
    }
}
