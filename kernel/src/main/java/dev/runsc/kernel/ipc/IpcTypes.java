package dev.runsc.kernel.ipc;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class IpcTypes {
    private IpcTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("ipc.IpcBudget", 1, IpcBudget.class);
        types.type("ipc.IpcLimits", 1, IpcLimits.class);
        types.type("ipc.IpcNamespace", 1, IpcNamespace.class);
        types.type("ipc.IpcTable", 1, IpcTable.class);
        types.type("ipc.Message", 1, Message.class);
        types.type("ipc.MessageQueue", 1, MessageQueue.class);
        types.type("ipc.MessageQueues", 1, MessageQueues.class);
        types.type("ipc.SegmentAttachment", 1, SegmentAttachment.class);
        types.type("ipc.SemaphoreSet", 1, SemaphoreSet.class);
        types.type("ipc.SemaphoreSets", 1, SemaphoreSets.class);
        types.type("ipc.SharedSegment", 1, SharedSegment.class);
        types.type("ipc.SharedSegments", 1, SharedSegments.class);
        types.type("ipc.UndoList", 1, UndoList.class);
        types.type("ipc.UndoList.Entry", 1, UndoList.Entry.class);
    }
}
