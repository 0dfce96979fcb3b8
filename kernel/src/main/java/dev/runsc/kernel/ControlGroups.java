package dev.runsc.kernel;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.cgroup.Controller;
import dev.runsc.kernel.fs.cgroup.CgroupType;
import dev.runsc.kernel.fs.cgroup.GroupControl;
import java.util.Map;

/** The control groups of containers, for those outside. Thread safe. */
public final class ControlGroups {
    private final Kernel kernel;
    private final SandboxState state;

    ControlGroups(Kernel kernel, SandboxState state) {
        this.kernel = kernel;
        this.state = state;
    }

    /**
     * What a file of a group shows.
     *
     * @param controller by whose hierarchy the group is meant
     * @param path absolute, from what the container takes for the root
     */
    public String read(String id, String controller, String path, String name)
            throws KernelException {
        GroupControl control = control(state, kernel.require(id));
        Controller known = require(controller);
        try {
            return control.read(known, path, name);
        } catch (ErrnoException failed) {
            throw failure(controller, path, name, failed);
        }
    }

    /** Writes to a file of a group. */
    public void write(String id, String controller, String path, String name, String value)
            throws KernelException {
        GroupControl control = control(state, kernel.require(id));
        Controller known = require(controller);
        try {
            control.write(known, path, name, value);
        } catch (ErrnoException failed) {
            throw failure(controller, path, name, failed);
        }
    }

    /** Sets limits of a container, see {@link ContainerSpec#limits}. */
    public void limit(String id, Map<String, String> limits) throws KernelException {
        ContainerState container = kernel.require(id);
        for (Map.Entry<String, String> limit : limits.entrySet()) {
            try {
                control(state, container).limit(Map.ofEntries(limit));
            } catch (ErrnoException failed) {
                throw new KernelException(
                        "cannot set "
                                + limit.getKey()
                                + " to \""
                                + limit.getValue()
                                + "\": "
                                + failed.errno().message(),
                        failed);
            }
        }
    }

    static GroupControl control(SandboxState state, ContainerState container) {
        if (!(state.vfs.findType("cgroup2") instanceof CgroupType type)) {
            throw new AssertionError("cgroup2 is registered at boot");
        }
        return new GroupControl(
                type.files(), container.namespaces.cgroups().roots(), container.pids());
    }

    private static Controller require(String name) throws KernelException {
        Controller controller = Controller.find(name);
        if (controller == null) {
            throw new KernelException("no such controller: " + name);
        }
        return controller;
    }

    private static KernelException failure(
            String controller, String path, String name, ErrnoException failed) {
        if (failed.is(Errno.ENODEV)) {
            return new KernelException("controller is not mounted: " + controller, failed);
        }
        return new KernelException(
                controller + " " + path + " " + name + ": " + failed.errno().message(), failed);
    }
}
