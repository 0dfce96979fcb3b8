package dev.runsc.cli.boot;

import dev.runsc.cli.boot.Checkpoints.Around;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.ContainerSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An image that waits until all its containers have come, each with its gofer and its streams: the
 * kernel in it cannot be loaded before.
 */
final class PendingRestore implements AutoCloseable {
    private final Set<String> names;
    private final HostFd memory;
    private final HostFd graph;
    private final @Nullable Around hook;
    private final Map<String, ContainerSpec> containers = new LinkedHashMap<>();
    private final Map<String, HostFd> gofers = new LinkedHashMap<>();

    /**
     * @param names of the containers in the image
     * @param memory file with the image's pages
     * @param graph the saved object graph
     * @param hook runs when all is restored, in the container of that name; null for nothing
     */
    PendingRestore(Set<String> names, HostFd memory, HostFd graph, @Nullable Around hook) {
        this.names = names;
        this.memory = memory;
        this.graph = graph;
        this.hook = hook;
    }

    /** Takes one more container, and what it brings. */
    void add(ContainerSpec spec, Map<String, HostFd> sockets) throws ControlFault {
        if (!names.contains(spec.name())) {
            throw new ControlFault(
                    Code.NO_CONTAINER,
                    "the snapshot has no container \"" + spec.name() + "\", but " + names);
        }
        if (containers.putIfAbsent(spec.name(), spec) != null) {
            throw new ControlFault(
                    Code.WRONG_STATE, "container \"" + spec.name() + "\" is restored already");
        }
        gofers.putAll(sockets);
    }

    boolean isComplete() {
        return containers.keySet().equals(names);
    }

    HostFd memory() {
        return memory;
    }

    HostFd graph() {
        return graph;
    }

    /** What runs once all is restored, with the id of its container; null for nothing. */
    @Nullable Around hook() {
        ContainerSpec container = hook == null ? null : containers.get(hook.container());
        return hook == null || container == null
                ? null
                : new Around(hook.process(), container.id());
    }

    Map<String, ContainerSpec> containers() {
        return containers;
    }

    Map<String, HostFd> gofers() {
        return gofers;
    }

    @Override
    public void close() {
        graph.close();
    }
}
