package dev.runsc.kernel;

import dev.runsc.kernel.auth.AuthTypes;
import dev.runsc.kernel.cgroup.CgroupTypes;
import dev.runsc.kernel.fs.anon.AnonTypes;
import dev.runsc.kernel.fs.cgroup.CgroupFsTypes;
import dev.runsc.kernel.fs.dev.DevTypes;
import dev.runsc.kernel.fs.erofs.ErofsTypes;
import dev.runsc.kernel.fs.gofer.GoferTypes;
import dev.runsc.kernel.fs.host.HostTypes;
import dev.runsc.kernel.fs.overlay.OverlayTypes;
import dev.runsc.kernel.fs.pipe.PipeTypes;
import dev.runsc.kernel.fs.proc.ProcTypes;
import dev.runsc.kernel.fs.synthetic.SyntheticTypes;
import dev.runsc.kernel.fs.sys.SysTypes;
import dev.runsc.kernel.fs.tmpfs.TmpfsTypes;
import dev.runsc.kernel.fs.tty.TtyTypes;
import dev.runsc.kernel.ipc.IpcTypes;
import dev.runsc.kernel.memory.MemoryTypes;
import dev.runsc.kernel.net.unix.UnixTypes;
import dev.runsc.kernel.platform.PlatformTypes;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.task.TaskTypes;
import dev.runsc.kernel.task.futex.FutexTypes;
import dev.runsc.kernel.task.loader.LoaderTypes;
import dev.runsc.kernel.task.seccomp.SeccompTypes;
import dev.runsc.kernel.task.signal.SignalTypes;
import dev.runsc.kernel.time.TimeTypes;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.VfsTypes;
import dev.runsc.state.StateSchema;
import dev.runsc.state.ValueAdapter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Every type an image may hold. The golden file state-schema.txt shows it in full; a change there
 * asks for a new version.
 */
final class KernelSchema {
    static final StateSchema SCHEMA = build();

    private KernelSchema() {}

    /** A lock is its class: a restored object gets a fresh one. */
    private static final class LockAdapter implements ValueAdapter<KernelLock> {
        @Override
        public Object toValue(KernelLock lock) {
            return lock.lockClass();
        }

        @Override
        public KernelLock fromValue(@Nullable Object value) {
            return new KernelLock((LockClass) Objects.requireNonNull(value));
        }
    }

    /** Nobody sleeps at a freeze, and lasting observers register again. */
    private static final class QueueAdapter implements ValueAdapter<WaitQueue> {
        @Override
        public Object toValue(WaitQueue queue) {
            return "";
        }

        @Override
        public WaitQueue fromValue(@Nullable Object value) {
            return new WaitQueue();
        }
    }

    private static StateSchema build() {
        StateSchema.Builder types = StateSchema.builder();
        types.type("SandboxState", 1, SandboxState.class);
        types.type("ContainerState", 1, ContainerState.class);
        types.type("sync.LockClass", 1, LockClass.class);
        types.type("sync.Restart", 1, InterruptedSyscall.Restart.class);
        types.abstractType("vfs.FileDescription", FileDescription.class);
        types.adapter("sync.KernelLock", 1, KernelLock.class, new LockAdapter());
        types.adapter("sync.WaitQueue", 1, WaitQueue.class, new QueueAdapter());
        AuthTypes.register(types);
        CgroupTypes.register(types);
        CgroupFsTypes.register(types);
        AnonTypes.register(types);
        DevTypes.register(types);
        ErofsTypes.register(types);
        GoferTypes.register(types);
        HostTypes.register(types);
        OverlayTypes.register(types);
        PipeTypes.register(types);
        UnixTypes.register(types);
        ProcTypes.register(types);
        SyntheticTypes.register(types);
        SysTypes.register(types);
        TmpfsTypes.register(types);
        TtyTypes.register(types);
        IpcTypes.register(types);
        MemoryTypes.register(types);
        PlatformTypes.register(types);
        TaskTypes.register(types);
        FutexTypes.register(types);
        LoaderTypes.register(types);
        SeccompTypes.register(types);
        SignalTypes.register(types);
        TimeTypes.register(types);
        VfsTypes.register(types);
        return types.build();
    }
}
