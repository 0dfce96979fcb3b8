package dev.runsc.kernel.task;

import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What {@code /proc/gvisor} shows to a container: something only where it was asked for. */
public final class SandboxFiles implements Savable {
    /** Tells a program where it is. */
    public static final String MARKER = "kernel_is_gvisor";

    /** Asks for saves, and tells of them. */
    public static final String CHECKPOINT = "checkpoint";

    /** The environment that the configuration gives, after a restore that of the new one. */
    public static final String ENVIRONMENT = "spec_environ";

    private final CheckpointRequests checkpoints;

    /** The files there are. */
    private final ArrayList<String> names;

    /** {@code NAME=value} texts. */
    private volatile ArrayList<String> environment;

    public SandboxFiles(
            CheckpointRequests checkpoints, Set<String> names, List<String> environment) {
        this.checkpoints = checkpoints;
        this.names = new ArrayList<>(names);
        this.environment = new ArrayList<>(environment);
    }

    public CheckpointRequests checkpoints() {
        return checkpoints;
    }

    public boolean isEmpty() {
        return names.isEmpty();
    }

    public boolean has(String name) {
        return names.contains(name);
    }

    public List<String> environment() {
        return environment;
    }

    /** The container goes on under another configuration. */
    public void setEnvironment(List<String> changed) {
        environment = new ArrayList<>(changed);
    }
}
