package dev.runsc.kernel.fs.proc;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class ProcTypes {
    private ProcTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("proc.CheckpointFile", 1, CheckpointFile.class);
        types.type("proc.CheckpointInode", 1, CheckpointInode.class);
        types.type("proc.DescriptorDirectory", 1, DescriptorDirectory.class);
        types.type("proc.DescriptorInfo", 1, DescriptorInfo.class);
        types.type("proc.DescriptorLink", 1, DescriptorLink.class);
        types.type("proc.IdMapText", 1, IdMapText.class);
        types.type("proc.IpcLimitValue", 1, IpcLimitValue.class);
        types.type("proc.IpcTableText", 1, IpcTableText.class);
        types.type("proc.KeptNumbers", 1, KeptNumbers.class);
        types.type("proc.MachineInfo", 1, MachineInfo.class);
        types.type("proc.MemoryInodeOfTask", 1, MemoryInodeOfTask.class);
        types.type("proc.NamespaceDirectory", 1, NamespaceDirectory.class);
        types.type("proc.NamespaceHandle", 1, NamespaceHandle.class);
        types.type("proc.NamespaceKind", 1, NamespaceKind.class);
        types.type("proc.NamespaceLink", 1, NamespaceLink.class);
        types.type("proc.ProcFileSystem", 1, ProcFileSystem.class);
        types.type("proc.ProcFileSystemType", 1, ProcFileSystemType.class);
        types.type("proc.ProcKernel", 1, ProcKernel.class);
        types.type("proc.ProcRoot", 1, ProcRoot.class);
        types.type("proc.RootFile", 1, RootFile.class);
        types.type("proc.RootText", 1, RootText.class);
        types.type("proc.SelfLink", 1, SelfLink.class);
        types.type("proc.SpecEnvironment", 1, SandboxFolder.SpecEnvironment.class);
        types.type("proc.Subject", 1, Subject.class);
        types.type("proc.SystemValue.Kind", 1, SystemValue.Kind.class);
        types.type("proc.SystemValue", 1, SystemValue.class);
        types.type("proc.TaskDirectory", 1, TaskDirectory.class);
        types.type("proc.TaskEntry", 1, TaskEntry.class);
        types.type("proc.TaskFile", 1, TaskFile.class);
        types.type("proc.TaskLink", 1, TaskLink.class);
        types.type("proc.TaskMemoryFile", 1, TaskMemoryFile.class);
        types.type("proc.TaskText", 1, TaskText.class);
        types.type("proc.ThreadsDirectory", 1, ThreadsDirectory.class);
    }
}
