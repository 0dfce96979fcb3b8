package dev.runsc.cli.lifecycle;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.cgroup.Cgroup;
import dev.runsc.cli.cgroup.CgroupMounts;
import dev.runsc.cli.cgroup.CgroupState;
import dev.runsc.cli.cgroup.Resources;
import dev.runsc.cli.cgroup.ResourcesText;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.StateDirectory;
import dev.runsc.cli.launch.ShownLimits;
import dev.runsc.cli.oci.OciSpec;
import dev.runsc.cli.oci.SpecNotes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the host is told about a container's processes: their cgroup, and how soon they die when
 * memory is short.
 */
public final class HostLimits {
    /** Fewer would make programs leave out locks that only several processors need. */
    private static final int PROCESSORS_LEAST = 2;

    private final @Nullable Cgroup cgroup;
    private final Resources resources;
    private final ShownLimits shown;
    private final @Nullable Integer oomScoreAdj;
    private final boolean rootless;

    /** Of a container that is not made yet. */
    static final HostLimits NONE =
            new HostLimits(null, Resources.NONE, ShownLimits.NONE, null, false);

    private HostLimits(
            @Nullable Cgroup cgroup,
            Resources resources,
            ShownLimits shown,
            @Nullable Integer oomScoreAdj,
            boolean rootless) {
        this.cgroup = cgroup;
        this.resources = resources;
        this.shown = shown;
        this.oomScoreAdj = oomScoreAdj;
        this.rootless = rootless;
    }

    /** Makes the cgroup that a spec names; one without a name has none. */
    static HostLimits make(RuntimeConfig config, OciSpec spec) throws Failure {
        Integer score = spec.process().oomScoreAdj();
        Resources resources = ResourcesText.parse(spec.linux().resources());
        Cgroup cgroup = makeCgroup(config, spec, resources);
        if (cgroup == null) {
            return new HostLimits(null, resources, ShownLimits.NONE, score, config.rootless());
        }
        boolean good = false;
        try {
            ShownLimits shown = shown(cgroup, config.cgroups().processorsFromQuota());
            good = true;
            return new HostLimits(cgroup, resources, shown, score, config.rootless());
        } finally {
            if (!good) {
                cgroup.deleteQuietly();
            }
        }
    }

    private static @Nullable Cgroup makeCgroup(
            RuntimeConfig config, OciSpec spec, Resources resources) throws Failure {
        String path = spec.linux().cgroupsPath();
        if (config.cgroups().ignored()) {
            DebugLog.write("--ignore-cgroups: linux.cgroupsPath and linux.resources are ignored");
            return null;
        }
        if (path.isEmpty()) {
            if (!spec.linux().resources().isEmpty()) {
                DebugLog.write("linux.resources is ignored: linux.cgroupsPath is not given");
            }
            return null;
        }
        if (config.cgroups().systemd()) {
            throw new Failure(
                    "--systemd-cgroup is not supported: use cgroupfs as the cgroup manager, or"
                            + " --ignore-cgroups");
        }
        for (String field : resources.ignored()) {
            // The guest has no devices of the host that a list of devices could keep from it.
            DebugLog.write("linux.resources." + field + " is ignored");
        }
        try {
            return Cgroup.create(CgroupMounts.ofHost(), path, resources);
        } catch (Failure e) {
            if (config.rootless() && Cgroup.isUnwritable(e)) {
                DebugLog.write("--rootless: linux.cgroupsPath is ignored: " + e.getMessage());
                return null;
            }
            throw e;
        }
    }

    /** The bounds of which programs should know. */
    private static ShownLimits shown(Cgroup cgroup, boolean fromQuota) throws Failure {
        int processors = Runtime.getRuntime().availableProcessors();
        int bound = cgroup.processors();
        if (bound > 0) {
            processors = Math.min(processors, bound);
        }
        double quota = cgroup.processorQuota();
        if (fromQuota && quota > 0) {
            int worth = (int) Math.min(Integer.MAX_VALUE, Math.ceil(quota));
            processors = Math.min(processors, Math.max(PROCESSORS_LEAST, worth));
        }
        long memory = cgroup.memoryLimit();
        return new ShownLimits(processors, memory == Long.MAX_VALUE ? 0 : memory);
    }

    /** What the guest is to see of it. */
    ShownLimits shown() {
        return shown;
    }

    /** Takes a process in before it has begun. */
    void adopt(int pid) throws Failure {
        if (cgroup != null) {
            cgroup.join(pid);
        }
        if (oomScoreAdj != null) {
            setOomScore(pid, oomScoreAdj, rootless);
        }
    }

    /** Takes in a gofer that a container gets later than its sandbox. */
    public static void adoptGofer(RuntimeConfig config, ContainerState state, OciSpec spec, int pid)
            throws Failure {
        if (!state.cgroup().isNone()) {
            Cgroup.open(state.cgroup()).join(pid);
        }
        Integer score = spec.process().oomScoreAdj();
        if (score != null) {
            setOomScore(pid, score, config.rootless());
        }
    }

    /**
     * Sets the score of a sandbox that a container joins or leaves, by all that are in it then.
     *
     * @param own of the container that joins, whose file is not written yet; null when it has none
     */
    static void share(
            boolean rootless, StateDirectory directory, ContainerState state, @Nullable Integer own)
            throws Failure {
        List<@Nullable Integer> scores = new ArrayList<>();
        scores.add(own);
        for (String id : directory.list()) {
            try {
                ContainerState other = directory.read(id);
                if (other.sandbox().id().equals(state.sandbox().id()) && !id.equals(state.id())) {
                    scores.add(SpecNotes.oomScoreAdj(other.specBytes()));
                }
            } catch (Failure e) {
                // Deleted meanwhile, or damaged: it has no say.
                DebugLog.write(e.getMessage());
            }
        }
        Integer least = sandboxOomScore(scores);
        if (least != null) {
            setOomScore(state.sandbox().process().pid(), least, rootless);
        }
    }

    /** For the state file. */
    CgroupState state() {
        return cgroup == null ? CgroupState.NONE : cgroup.state(resources);
    }

    /** Removes the cgroup of a container that was not made. */
    void undo() {
        if (cgroup != null) {
            cgroup.deleteQuietly();
        }
    }

    /** Removes the cgroup of a container that has ended. */
    static void delete(ContainerState state) throws Failure {
        if (!state.cgroup().isNone()) {
            Cgroup.open(state.cgroup()).delete();
        }
    }

    /** As {@link #delete} where the rest of the container must go in any case. */
    static void deleteQuietly(ContainerState state) {
        if (!state.cgroup().isNone()) {
            Cgroup.open(state.cgroup()).deleteQuietly();
        }
    }

    /**
     * The score of a sandbox: the least of those of its containers, so that it dies no sooner than
     * any of them wants. Null when none says anything.
     */
    static @Nullable Integer sandboxOomScore(Collection<@Nullable Integer> ofContainers) {
        return ofContainers.stream().filter(Objects::nonNull).min(Integer::compareTo).orElse(null);
    }

    /** Sets {@code oom_score_adj} (proc(5)) of a process of the host. */
    static void setOomScore(int pid, int score, boolean rootless) throws Failure {
        Path file = Path.of("/proc/" + pid + "/oom_score_adj");
        try {
            Files.write(
                    file,
                    String.valueOf(score).getBytes(StandardCharsets.US_ASCII),
                    StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            DebugLog.write("setting oom_score_adj: " + pid + " has ended");
        } catch (IOException e) {
            // Below what we started with only CAP_SYS_RESOURCE may go.
            if (!rootless) {
                throw new Failure("setting " + file + " to " + score + ": " + Failure.reason(e), e);
            }
            DebugLog.write("process.oomScoreAdj is ignored: " + Failure.reason(e));
        }
    }
}
