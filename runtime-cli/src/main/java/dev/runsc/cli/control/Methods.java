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

    public static final String RESTORE_SUBCONTAINER = "containerManager.RestoreSubcontainer";
    public static final String RESTORE = "containerManager.Restore";

    /** The host's terminals behind a container's may have other sizes now. */
    public static final String CONSOLE_RESIZED = "containerManager.ConsoleResized";

    /** Memory of the sandbox by kind. */
    public static final String USAGE = "Usage.Collect";

    private Methods() {}
}
