package dev.runsc.kernel;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.ContainerSpec.MountSpec;
import dev.runsc.kernel.fs.erofs.ErofsFault;
import dev.runsc.kernel.fs.erofs.ErofsFileSystem;
import dev.runsc.kernel.fs.gofer.GoferConnections;
import dev.runsc.kernel.fs.gofer.GoferFileSystem;
import dev.runsc.kernel.fs.gofer.OwnerMap;
import dev.runsc.kernel.fs.overlay.OverlayFileSystem;
import dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem;
import dev.runsc.kernel.fs.tmpfs.TmpfsOptions;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.vfs.FileSystem;
import java.util.ArrayList;
import java.util.List;

/** The file systems that a container has of the host: folders, files and images. */
final class MountSources {
    private final SandboxState state;
    private final Platform platform;
    private final GoferConnections gofers;

    MountSources(SandboxState state, Platform platform, GoferConnections gofers) {
        this.state = state;
        this.platform = platform;
        this.gofers = gofers;
    }

    /** The root as the host has it, without what lies over it. */
    FileSystem root(ContainerSpec spec) throws ErrnoException, ErofsFault {
        String name = spec.name() + ":/";
        return spec.rootErofs() ? erofs(name) : gofer(name, spec.rootOverlay(), OwnerMap.NONE);
    }

    /** A bind mount. */
    FileSystem bind(MountSpec mount) throws ErrnoException {
        boolean overlay = mount.options().contains(MountSpec.OVERLAY);
        FileSystem files = gofer(mount.source(), overlay, ids(mount.options()));
        return overlay ? overlay(files) : files;
    }

    /** A mount of an image. */
    FileSystem image(MountSpec mount) throws ErrnoException, ErofsFault {
        FileSystem files = erofs(mount.source());
        return mount.options().contains(MountSpec.OVERLAY) ? overlay(files) : files;
    }

    private ErofsFileSystem erofs(String name) throws ErrnoException, ErofsFault {
        return erofs(name, gofers.openFile(name));
    }

    /**
     * An image that somebody brings.
     *
     * @param name the one it would have if a gofer served it: a restore looks for it there
     * @param file the file system's from now on
     */
    ErofsFileSystem erofs(String name, HostFd file) throws ErofsFault {
        return new ErofsFileSystem(
                state.vfs, name, file, platform, state.memoryFile, gofers.reads());
    }

    /** Changes go into memory. */
    FileSystem overlay(FileSystem lower) throws ErrnoException {
        TmpfsFileSystem upper =
                new TmpfsFileSystem(state.vfs, state.memoryFile, TmpfsOptions.unlimited(0755));
        return new OverlayFileSystem(state.vfs, upper, List.of(lower.root()));
    }

    private GoferFileSystem gofer(String name, boolean exclusive, OwnerMap ids)
            throws ErrnoException {
        return new GoferFileSystem(
                state.vfs, gofers, name, platform, state.memoryFile, !exclusive, ids);
    }

    /** What the options of a bind mount say of owners. */
    private static OwnerMap ids(List<String> options) throws ErrnoException {
        List<OwnerMap.Range> users = new ArrayList<>();
        List<OwnerMap.Range> groups = new ArrayList<>();
        for (String option : options) {
            if (option.startsWith(MountSpec.USERS)) {
                users.add(range(option.substring(MountSpec.USERS.length())));
            } else if (option.startsWith(MountSpec.GROUPS)) {
                groups.add(range(option.substring(MountSpec.GROUPS.length())));
            }
        }
        return new OwnerMap(users, groups);
    }

    private static OwnerMap.Range range(String text) throws ErrnoException {
        String[] numbers = text.split(":", -1);
        try {
            return new OwnerMap.Range(
                    Integer.parseUnsignedInt(numbers[0]),
                    Integer.parseUnsignedInt(numbers[1]),
                    Integer.parseUnsignedInt(numbers[2]));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw Errno.EINVAL.error();
        }
    }
}
