package dev.runsc.cli.control;

/** The names of control methods. They are an interface to others: none is ever renamed. */
public final class Methods {
    public static final String START_ROOT = "containerManager.StartRoot";
    public static final String CREATE_SUBCONTAINER = "containerManager.CreateSubcontainer";
    public static final String START_SUBCONTAINER = "containerManager.StartSubcontainer";
    public static final String DESTROY_SUBCONTAINER = "containerManager.DestroySubcontainer";
    public static final String WAIT = "containerManager.Wait";
    public static final String WAIT_PID = "containerManager.WaitPID";
    public static final String SIGNAL = "containerManager.Signal";
    public static final String PROCESSES = "containerManager.Processes";
    public static final String EXECUTE_ASYNC = "containerManager.ExecuteAsync";
    public static final String EXECUTE = "containerManager.Execute";
    public static final String EVENT = "containerManager.Event";
    public static final String PAUSE = "containerManager.Pause";
    public static final String WAIT_PAUSED = "containerManager.WaitPaused";
    public static final String RESUME = "containerManager.Resume";
    public static final String RUNTIME_STATE = "containerManager.ContainerRuntimeState";

    /**
     * Stops the kernel and hands out graph and memory; the connection then owes {@link
     * #CHECKPOINT_END}.
     */
    public static final String CHECKPOINT = "containerManager.Checkpoint";

    /**
     * What becomes of the sandbox after {@link #CHECKPOINT}: {@code {"exit": true}} only once all
     * is durable.
     */
    public static final String CHECKPOINT_END = "containerManager.CheckpointEnd";

    /** As {@link #CHECKPOINT}, of file systems alone: {@code {"paths": ["[ID:]PATH", ...]}}. */
    public static final String FS_CHECKPOINT = "containerManager.FSCheckpoint";

    /**
     * A save of file systems alone into two files, from the stop to the end or to going on, in one
     * request: {@code {"paths": ["[ID:]PATH", ...], "resume": true}}.
     */
    public static final String FS_SAVE = "containerManager.FSSave";

    /** What a restore has made superfluous, in nanoseconds; nothing without one. */
    public static final String GET_SAVINGS = "containerManager.GetSavings";

    public static final String RESTORE_SUBCONTAINER = "containerManager.RestoreSubcontainer";
    public static final String RESTORE = "containerManager.Restore";

    /** The host's terminals behind a container's may have other sizes now. */
    public static final String CONSOLE_RESIZED = "containerManager.ConsoleResized";

    /** Memory of the sandbox by kind. */
    public static final String USAGE = "Usage.Collect";

    /**
     * Shared memory with {@link UsageFigures}, kept up to date as long as the connection is open.
     */
    public static final String USAGE_FD = "Usage.UsageFD";

    /** Gives up what the sandbox only keeps to be fast. */
    public static final String USAGE_REDUCE = "Usage.Reduce";

    /** What was read of the host's files, and how long that took. */
    public static final String USAGE_FILE_IO = "Usage.GetFileIoStats";

    /** Mounts an image, which comes as a descriptor, in a container that runs. */
    public static final String MOUNT = "containerManager.Mount";

    public static final String CREATE_TRACE_SESSION = "containerManager.CreateTraceSession";
    public static final String DELETE_TRACE_SESSION = "containerManager.DeleteTraceSession";
    public static final String LIST_TRACE_SESSIONS = "containerManager.ListTraceSessions";
    public static final String PROCFS_DUMP = "containerManager.ProcfsDump";

    /** Waits for the end of the next checkpoint. */
    public static final String WAIT_CHECKPOINT = "containerManager.WaitCheckpoint";

    /** Waits for the end of the next save of file systems. */
    public static final String WAIT_FS_CHECKPOINT = "containerManager.WaitFSCheckpoint";

    /** Waits until the file systems of a container that an image had are filled. */
    public static final String WAIT_FS_RESTORE = "containerManager.WaitFSRestore";

    /**
     * Waits until a program inside asks for a save, which the caller then makes. Called again on
     * the same connection when that is done; {@code {"failure": ...}} says that it was not. With
     * {@code {"files": true}} it is about saves of file systems.
     */
    public static final String WAIT_CHECKPOINT_REQUEST = "containerManager.WaitCheckpointRequest";

    /** Waits until what was restored runs. */
    public static final String WAIT_RESTORE = "containerManager.WaitRestore";

    public static final String LIFECYCLE_PAUSE = "Lifecycle.Pause";
    public static final String LIFECYCLE_RESUME = "Lifecycle.Resume";
    public static final String LIFECYCLE_START = "Lifecycle.StartContainer";
    public static final String LIFECYCLE_EXIT_STATUS = "Lifecycle.GetExitStatus";
    public static final String LIFECYCLE_IS_RUNNING = "Lifecycle.IsContainerRunning";
    public static final String LIFECYCLE_SIGNAL = "Lifecycle.SignalContainer";
    public static final String LIFECYCLE_SHUTDOWN = "Lifecycle.Shutdown";

    /** Forgets a container that has ended, and tells how. */
    public static final String LIFECYCLE_REAP = "Lifecycle.Reap";

    /** A save into two files, from the stop to the end or to going on, in one request. */
    public static final String STATE_SAVE = "State.Save";

    public static final String PROC_PS = "Proc.Ps";
    public static final String PROC_EXEC = "Proc.Exec";
    public static final String PROC_SIGNAL = "Proc.SignalProcess";
    public static final String STACKS = "debug.Stacks";
    public static final String LOGGING_CHANGE = "Logging.Change";
    public static final String PROFILE_CPU = "Profile.CPU";
    public static final String PROFILE_HEAP = "Profile.Heap";
    public static final String PROFILE_BLOCK = "Profile.Block";
    public static final String PROFILE_MUTEX = "Profile.Mutex";
    public static final String PROFILE_TRACE = "Profile.Trace";
    public static final String FS_CAT = "Fs.Cat";
    public static final String FS_READ = "Fs.Read";
    public static final String FS_TAR_ROOTFS_UPPER = "Fs.TarRootfsUpperLayer";
    public static final String CGROUPS_READ = "Cgroups.ReadControlFiles";
    public static final String CGROUPS_WRITE = "Cgroups.WriteControlFiles";

    /** Limits of a container as it sees them itself. */
    public static final String CGROUPS_LIMIT = "Cgroups.SetLimits";

    public static final String METRICS_REGISTERED = "Metrics.GetRegisteredMetrics";
    public static final String METRICS_EXPORT = "Metrics.Export";

    private Methods() {}
}
