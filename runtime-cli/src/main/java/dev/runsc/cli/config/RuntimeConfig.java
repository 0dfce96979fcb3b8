package dev.runsc.cli.config;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the flags before the command say.
 *
 * @param root directory for the state of containers, absolute
 * @param log file that errors are appended to
 * @param debug whether a debug log is written
 * @param debugLog pattern of its name, empty for none
 * @param panicLog pattern of the name of the log of faults of ours, empty for none
 * @param rootOverlay whether writes to the root go to memory (else to the host)
 * @param overlayAll whether those to bind mounts are to go there too
 * @param sharedFileAccess whether others may change the root while the container runs
 * @param trace system calls to print: empty for none, {@code all}, or names separated by commas
 * @param markerFile whether guests find the file that tells them where they are
 * @param rootfsArchive whether an annotation may name an archive that a root begins with
 * @param rewriteCallSites whether system-call instructions are rewritten
 * @param pauseAtCall the system call before which a container pauses by itself, 0 for never
 * @param timings where it is told what a user waited for
 * @param specValidation what a restore does about a spec that differs
 * @param cgroups what becomes of the host's cgroups
 * @param watch how sandboxes are watched
 * @param allowsFlagOverride whether configurations of containers may set any flag
 * @param flags the flags as given, for a process of ours that must run with the same
 */
public record RuntimeConfig(
        Path root,
        @Nullable Path log,
        boolean debug,
        String debugLog,
        String panicLog,
        boolean alsoToStderr,
        boolean rootless,
        boolean rootOverlay,
        boolean overlayAll,
        boolean sharedFileAccess,
        String trace,
        boolean markerFile,
        boolean rootfsArchive,
        boolean rewriteCallSites,
        int pauseAtCall,
        Timings timings,
        SpecValidation specValidation,
        CgroupUse cgroups,
        Watch watch,
        boolean allowsFlagOverride,
        List<String> flags) {

    /**
     * How sandboxes are watched.
     *
     * @param traceBytes how much of a buffer a trace of system calls shows
     * @param watchdogPanics whether a task that is stuck in the kernel ends its sandbox
     * @param stuckMillis how long it may stay there without a step
     * @param debugCommands of whom there is a debug log: names separated by commas, after a {@code
     *     !} those of whom there is none; empty for all
     */
    public record Watch(
            int traceBytes, boolean watchdogPanics, int stuckMillis, String debugCommands) {}

    /**
     * What becomes of cgroups, the host's and the guest's.
     *
     * @param ignored whether they are left alone
     * @param systemd whether systemd is to make them, which is not supported
     * @param unified whether guests that want cgroups get those of version 2
     * @param processorsFromQuota whether a bound on processor time also bounds how many processors
     *     the guest sees
     */
    public record CgroupUse(
            boolean ignored, boolean systemd, boolean unified, boolean processorsFromQuota) {}

    /** Where it is told what a user waited for. */
    public enum Timings {
        NOWHERE,
        ERROR,
        OUTPUT
    }

    /** What a restore does about a spec that does not fit the snapshot's. */
    public enum SpecValidation {
        ENFORCE,
        WARNING,
        IGNORE
    }

    /** The same with a root directory of its own, and stages always shown. */
    public RuntimeConfig forDemo(Path ownRoot) {
        return new RuntimeConfig(
                ownRoot,
                log,
                debug,
                debugLog,
                panicLog,
                alsoToStderr,
                rootless,
                rootOverlay,
                overlayAll,
                sharedFileAccess,
                trace,
                markerFile,
                rootfsArchive,
                rewriteCallSites,
                pauseAtCall,
                Timings.OUTPUT,
                specValidation,
                cgroups,
                watch,
                allowsFlagOverride,
                flags);
    }

    /** The same with writes to everything kept in memory. */
    public RuntimeConfig withMemoryOverlay() {
        return new RuntimeConfig(
                root,
                log,
                debug,
                debugLog,
                panicLog,
                alsoToStderr,
                rootless,
                true,
                true,
                sharedFileAccess,
                trace,
                markerFile,
                rootfsArchive,
                rewriteCallSites,
                pauseAtCall,
                timings,
                specValidation,
                cgroups,
                watch,
                allowsFlagOverride,
                flags);
    }
}
