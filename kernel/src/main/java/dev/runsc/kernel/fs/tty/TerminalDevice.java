package dev.runsc.kernel.fs.tty;

import dev.runsc.gofer.abi.DeviceNumber;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Dentry;
import dev.runsc.kernel.vfs.Device;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.PathWalk;
import dev.runsc.kernel.vfs.VirtualFileSystem;

/** The devices of major number 5: {@code /dev/tty} and {@code /dev/ptmx}. */
public enum TerminalDevice implements Device {
    /** The controlling terminal of who opens it. */
    CURRENT(0),
    /** Makes terminals in the devpts beside it. */
    MASTER(2);

    /** TTYAUX_MAJOR. */
    private static final int MAJOR = 5;

    private final int minor;

    TerminalDevice(int minor) {
        this.minor = minor;
    }

    /** {@code st_rdev}. */
    public long number() {
        return DeviceNumber.make(MAJOR, minor);
    }

    /** Makes device files of these numbers work. */
    public static void register(VirtualFileSystem vfs) {
        for (TerminalDevice device : values()) {
            vfs.registerCharacterDevice(MAJOR, device.minor, device);
        }
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        if (this == MASTER) {
            Location devices = devices(caller, location);
            return ((DevptsFileSystem) devices.inode().fileSystem())
                    .openMaster(caller, location, devices, flags);
        }
        Task task = JobControl.findTask(caller);
        if (task == null || !(task.group().terminal() instanceof Terminal terminal)) {
            throw Errno.ENXIO.error();
        }
        return ReplicaInode.open(terminal, caller, location, flags);
    }

    /** The devpts that is mounted at {@code pts} beside the device file (devpts_mntget). */
    private static Location devices(Caller caller, Location master) throws ErrnoException {
        Dentry folder = master.dentry().parent();
        if (folder == null) {
            throw Errno.ENODEV.error();
        }
        Location beside = PathWalk.find(caller, new Location(master.mount(), folder), "pts", 0);
        if (!(beside.inode().fileSystem() instanceof DevptsFileSystem)) {
            throw Errno.ENODEV.error();
        }
        return beside;
    }
}
