package dev.runsc.kernel.task;

import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What {@code /proc/gvisor} shows to a container: something only where it was asked for. */
public final class SandboxFiles implements Savable {
    /** Tells a program where it is. */
    public static final String MARKER = "kernel_is_gvisor";

    /** Asks for saves, and tells of them. */
    public static final String CHECKPOINT = "checkpoint";

    /** The environment that the configuration gives, after a restore that of the new one. */
    public static final String ENVIRONMENT = "spec_environ";

    /** The same of saves of file systems. */
    public static final String FILE_SAVE = "fscheckpoint";

    private final CheckpointRequests checkpoints;

    /** Null in images from before there were any. */
    private final @Nullable CheckpointRequests fileSaves;

    /** The files there are. */
    private final ArrayList<String> names;

    /** {@code NAME=value} texts. */
    private volatile ArrayList<String> environment;

    /**
     * @param checkpoints of the sandbox
     * @param fileSaves of file systems alone
     * @param names the files there are
     */
    public SandboxFiles(
            CheckpointRequests checkpoints,
            CheckpointRequests fileSaves,
            Set<String> names,
            List<String> environment) {
        this.checkpoints = checkpoints;
        this.fileSaves = fileSaves;
        this.names = new ArrayList<>(names);
        this.environment = new ArrayList<>(environment);
    }

    public CheckpointRequests checkpoints() {
        return checkpoints;
    }

    /** Where there is {@link #FILE_SAVE}. */
    public CheckpointRequests fileSaves() {
        return Objects.requireNonNull(fileSaves);
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
