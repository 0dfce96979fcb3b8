package dev.runsc.kernel.fs;

import dev.runsc.kernel.auth.AuthTypes;
import dev.runsc.kernel.fs.anon.AnonTypes;
import dev.runsc.kernel.fs.dev.DevTypes;
import dev.runsc.kernel.fs.erofs.ErofsTypes;
import dev.runsc.kernel.fs.gofer.GoferTypes;
import dev.runsc.kernel.fs.overlay.OverlayTypes;
import dev.runsc.kernel.fs.pipe.PipeTypes;
import dev.runsc.kernel.fs.synthetic.SyntheticTypes;
import dev.runsc.kernel.fs.tmpfs.TmpfsTypes;
import dev.runsc.kernel.memory.MemoryTypes;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.time.TimeTypes;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.VfsTypes;
import dev.runsc.state.StateSchema;
import dev.runsc.state.ValueAdapter;
import org.jspecify.annotations.Nullable;

/** The types an image of file systems alone holds. */
final class FsSchema {
    private FsSchema() {}

    private static final class LockAdapter implements ValueAdapter<KernelLock> {
        @Override
        public Object toValue(KernelLock lock) {
            return lock.lockClass();
        }

        @Override
        public KernelLock fromValue(@Nullable Object value) {
            if (value instanceof LockClass lockClass) {
                return new KernelLock(lockClass);
            }
            throw new IllegalArgumentException("no lock class");
        }
    }

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

    static StateSchema.Builder types() {
        StateSchema.Builder types = StateSchema.builder();
        types.type("sync.LockClass", 1, LockClass.class);
        types.adapter("sync.KernelLock", 1, KernelLock.class, new LockAdapter());
        types.adapter("sync.WaitQueue", 1, WaitQueue.class, new QueueAdapter());
        types.abstractType("vfs.FileDescription", FileDescription.class);
        AnonTypes.register(types);
        AuthTypes.register(types);
        DevTypes.register(types);
        PipeTypes.register(types);
        TimeTypes.register(types);
        MemoryTypes.register(types);
        VfsTypes.register(types);
        TmpfsTypes.register(types);
        SyntheticTypes.register(types);
        ErofsTypes.register(types);
        GoferTypes.register(types);
        OverlayTypes.register(types);
        return types;
    }
}
