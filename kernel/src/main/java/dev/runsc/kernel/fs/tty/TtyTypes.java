package dev.runsc.kernel.fs.tty;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class TtyTypes {
    private TtyTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("tty.ByteQueue", 1, ByteQueue.class);
        types.type("tty.Consoles", 1, Consoles.class);
        types.type("tty.DevptsFileSystem", 1, DevptsFileSystem.class);
        types.type("tty.DevptsOptions", 1, DevptsOptions.class);
        types.type("tty.DevptsType", 1, DevptsType.class);
        types.type("tty.HostConsole", 1, HostConsole.class);
        types.type("tty.InputBuffer", 1, InputBuffer.class);
        types.type("tty.JobControl", 1, JobControl.class);
        types.type("tty.LineDiscipline", 1, LineDiscipline.class);
        types.type("tty.LineEditor", 1, LineEditor.class);
        types.type("tty.LockedModes", 1, LockedModes.class);
        types.type("tty.MasterFile", 1, MasterFile.class);
        types.type("tty.MasterInode", 1, MasterInode.class);
        types.type("tty.Modes", 1, Modes.class);
        types.type("tty.OutputProcessor", 1, OutputProcessor.class);
        types.type("tty.PacketMode", 1, PacketMode.class);
        types.type("tty.ReplicaFile", 1, ReplicaFile.class);
        types.type("tty.ReplicaInode", 1, ReplicaInode.class);
        types.type("tty.Terminal", 1, Terminal.class);
        types.type("tty.TerminalDevice", 1, TerminalDevice.class);
        types.type("tty.WindowSize", 1, WindowSize.class);
    }
}
