package dev.runsc.kernel.task;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class TaskTypes {
    private TaskTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("task.CheckpointRequests.Outcome", 1, CheckpointRequests.Outcome.class);
        types.type("task.CheckpointRequests", 1, CheckpointRequests.class);
        types.type("task.Container", 1, Container.class);
        types.type("task.CpuTicker", 1, CpuTicker.class);
        types.type("task.CpuTimes", 1, CpuTimes.class);
        types.type("task.GroupPlace", 1, GroupPlace.class);
        types.type("task.LoadAverage", 1, LoadAverage.class);
        types.type("task.LoadedImage", 1, LoadedImage.class);
        types.type("task.NamespaceSet", 1, NamespaceSet.class);
        types.type("task.PidFd", 1, PidFd.class);
        types.type("task.PidNamespace", 1, PidNamespace.class);
        types.type("task.PidNumbers", 1, PidNumbers.class);
        types.type("task.ProcessGroup", 1, ProcessGroup.class);
        types.type("task.ProcessTimers.PosixTimer", 1, ProcessTimers.PosixTimer.class);
        types.type("task.ProcessTimers.RealTimer", 1, ProcessTimers.RealTimer.class);
        types.type("task.ProcessTimers", 1, ProcessTimers.class);
        types.type("task.ResourceLimits", 1, ResourceLimits.class);
        types.type("task.RestartBlock", 1, RestartBlock.class);
        types.type("task.RunState.CallAsked", 1, RunState.CallAsked.class);
        types.type("task.RunState.CallDone", 1, RunState.CallDone.class);
        types.type("task.RunState.CallEntered", 1, RunState.CallEntered.class);
        types.type("task.RunState.ExecWaiting", 1, RunState.ExecWaiting.class);
        types.type("task.RunState.Exiting", 1, RunState.Exiting.class);
        types.type("task.RunState.InApp", 1, RunState.InApp.class);
        types.type("task.RunState.Leaving", 1, RunState.Leaving.class);
        types.type("task.RunState.Restarting", 1, RunState.Restarting.class);
        types.type("task.RunState.SignalStopped", 1, RunState.SignalStopped.class);
        types.type("task.RunState.VforkWaiting", 1, RunState.VforkWaiting.class);
        types.type("task.SandboxFiles", 1, SandboxFiles.class);
        types.type("task.Scheduling", 1, Scheduling.class);
        types.type("task.Session", 1, Session.class);
        types.type("task.SeccompListener", 1, SeccompListener.class);
        types.type("task.SignalFd", 1, SignalFd.class);
        types.type("task.Task", 1, Task.class);
        types.type("task.TaskSet", 1, TaskSet.class);
        types.type("task.ThreadGroup", 1, ThreadGroup.class);
        types.type("task.Tracing", 1, Tracing.class);
        types.type("task.Tracing.Kind", 1, Tracing.Kind.class);
        types.type("task.Tracing.Resume", 1, Tracing.Resume.class);
        types.type("task.Tracing.Stop", 1, Tracing.Stop.class);
        types.type("task.UtsNamespace", 1, UtsNamespace.class);
    }
}
