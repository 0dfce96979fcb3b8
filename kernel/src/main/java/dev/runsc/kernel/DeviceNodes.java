package dev.runsc.kernel;

import dev.runsc.gofer.abi.DeviceNumber;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.LinuxSettings.DeviceNode;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.fs.dev.MemoryDevice;
import dev.runsc.kernel.fs.tty.TerminalDevice;
import dev.runsc.kernel.vfs.AttributeChange;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.NewInode;
import dev.runsc.kernel.vfs.PathWalk;
import dev.runsc.kernel.vfs.RawName;
import java.util.List;

/** The device files of a container that is being made. */
final class DeviceNodes {
    private DeviceNodes() {}

    /**
     * The devices and links that the runtime specification asks for (config-linux.md, "Default
     * Devices").
     */
    static void fill(BootCaller caller) throws ErrnoException {
        Location dev = PathWalk.find(caller, "/dev", PathWalk.FOLLOW);
        for (MemoryDevice device : MemoryDevice.values()) {
            long number = DeviceNumber.make(MemoryDevice.MAJOR, device.minor());
            dev.inode()
                    .create(
                            caller,
                            device.fileName(),
                            ContainerFiles.owned(caller, FileMode.S_IFCHR | 0666, number));
        }
        dev.inode()
                .create(
                        caller,
                        "tty",
                        ContainerFiles.owned(
                                caller, FileMode.S_IFCHR | 0666, TerminalDevice.CURRENT.number()));
        link(caller, dev, "ptmx", "pts/ptmx");
        link(caller, dev, "fd", "/proc/self/fd");
        link(caller, dev, "stdin", "/proc/self/fd/0");
        link(caller, dev, "stdout", "/proc/self/fd/1");
        link(caller, dev, "stderr", "/proc/self/fd/2");
        for (String name : List.of("shm", "pts", "mqueue")) {
            int mode = name.equals("shm") ? 01777 : 0755;
            dev.inode()
                    .makeDirectory(
                            caller, name, ContainerFiles.owned(caller, FileMode.S_IFDIR | mode, 0));
        }
    }

    /**
     * A node that the configuration names. What is there already under its name stays if it is the
     * same device, with the attributes asked for.
     */
    static void make(BootCaller caller, UserNamespace users, DeviceNode device)
            throws KernelException {
        int slash = device.path().lastIndexOf('/');
        String name = RawName.ofText(device.path().substring(slash + 1));
        int uid = ContainerFiles.idOrNobody(users.uids().toKernel(device.uid()));
        int gid = ContainerFiles.idOrNobody(users.gids().toKernel(device.gid()));
        boolean numbered = device.type() != FileMode.S_IFIFO;
        long number = numbered ? DeviceNumber.make(device.major(), device.minor()) : 0;
        int mode = device.type() | device.permissions();
        try {
            Location parent =
                    slash <= 0
                            ? caller.fs().root()
                            : ContainerFiles.mountPoint(
                                    caller, device.path().substring(0, slash), true);
            Location there = ContainerFiles.find(caller, device.path());
            if (there == null) {
                parent.inode().create(caller, name, new NewInode(mode, uid, gid, number));
            } else if (there.inode().type() == device.type()
                    && there.inode().deviceNumber() == number) {
                int what = AttributeChange.MODE | AttributeChange.UID | AttributeChange.GID;
                there.inode()
                        .changeAttributes(
                                caller,
                                new AttributeChange(what, device.permissions(), uid, gid, 0, 0));
            }
        } catch (ErrnoException failed) {
            throw new KernelException(
                    "cannot make device " + device.path() + ": " + failed.errno().message(),
                    failed);
        }
    }

    private static void link(BootCaller caller, Location directory, String name, String target)
            throws ErrnoException {
        directory
                .inode()
                .makeSymlink(
                        caller,
                        name,
                        target,
                        ContainerFiles.owned(caller, FileMode.S_IFLNK | 0777, 0));
    }
}
