package dev.runsc.kernel.vfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.InotifyFlags;
import dev.runsc.gofer.abi.SeekWhence;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;

/** An open directory: a position over {@link #listContents}, with "." at 0 and ".." at 1. */
public class DirectoryFile extends LocatedFile {
    private static final int FIRST_CONTENT = 2;
    private static final byte[] DOT = {'.'};
    private static final byte[] DOT_DOT = {'.', '.'};

    private final KernelLock positionLock;

    @GuardedBy("positionLock")
    private long position;

    public DirectoryFile(Location location, int flags) {
        this(location, flags, LockClass.FILE_DESCRIPTION);
    }

    /** For directories whose listing takes locks that come before FILE_DESCRIPTION. */
    public DirectoryFile(Location location, int flags, LockClass positionLockClass) {
        super(location, flags);
        this.positionLock = new KernelLock(positionLockClass);
    }

    @Override
    public long read(Caller caller, UserBuffer target) throws ErrnoException {
        throw Errno.EISDIR.error();
    }

    @Override
    public long readAt(Caller caller, UserBuffer target, long offset) throws ErrnoException {
        throw Errno.EISDIR.error();
    }

    @Override
    public boolean isSeekable() {
        return true;
    }

    @Override
    public void listEntries(Caller caller, EntrySink sink) throws ErrnoException {
        positionLock.lock();
        try {
            if (location().dentry().isRemoved()) {
                throw Errno.ENOENT.error();
            }
            if (position == 0) {
                if (!sink.accept(DOT, inode().number(), 1, FileMode.DT_DIR)) {
                    return;
                }
                position = 1;
            }
            if (position == 1) {
                Dentry parent = location().dentry().parent();
                long number = parent == null ? inode().number() : parent.inode().number();
                if (!sink.accept(DOT_DOT, number, FIRST_CONTENT, FileMode.DT_DIR)) {
                    return;
                }
                position = FIRST_CONTENT;
            }
            Advancing advancing = new Advancing(sink, position);
            try {
                listContents(caller, position, advancing);
            } finally {
                position = advancing.position;
            }
            accessed();
            FsEvents.at(location(), InotifyFlags.IN_ACCESS);
        } finally {
            positionLock.unlock();
        }
    }

    /** Lists the entries behind "..", as {@link Inode#list}. Called with the position locked. */
    protected void listContents(Caller caller, long from, EntrySink sink) throws ErrnoException {
        inode().list(caller, from, sink);
    }

    /** The position was set back to the start: a listing kept is out of date. */
    protected void rewound() {}

    @Override
    public long seek(Caller caller, long offset, int whence) throws ErrnoException {
        positionLock.lock();
        try {
            long target =
                    switch (whence) {
                        case SeekWhence.SEEK_SET -> offset;
                        case SeekWhence.SEEK_CUR -> position + offset;
                        default -> throw Errno.EINVAL.error();
                    };
            if (target < 0) {
                throw Errno.EINVAL.error();
            }
            position = target;
            if (target == 0) {
                rewound();
            }
            return target;
        } finally {
            positionLock.unlock();
        }
    }

    @Override
    public void sync(Caller caller, boolean dataOnly) throws ErrnoException {
        inode().sync(caller, dataOnly);
    }

    /** Notes how far a listing came. */
    private static final class Advancing implements EntrySink {
        private final EntrySink sink;
        private long position;

        Advancing(EntrySink sink, long position) {
            this.sink = sink;
            this.position = position;
        }

        @Override
        public boolean accept(byte[] name, long inode, long nextPosition, int type) {
            if (!sink.accept(name, inode, nextPosition, type)) {
                return false;
            }
            position = nextPosition;
            return true;
        }
    }
}
