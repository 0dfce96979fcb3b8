package dev.runsc.kernel;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.gofer.client.GoferClient;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.ContainerSpec.MountSpec;
import dev.runsc.kernel.LinuxSettings.DeviceNode;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.IdMap;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.cgroup.Controller;
import dev.runsc.kernel.cgroup.Hierarchy;
import dev.runsc.kernel.fs.cgroup.CgroupFileSystem;
import dev.runsc.kernel.fs.cgroup.CgroupFiles;
import dev.runsc.kernel.fs.cgroup.CgroupType;
import dev.runsc.kernel.fs.dev.MemoryDevice;
import dev.runsc.kernel.fs.erofs.ErofsFault;
import dev.runsc.kernel.fs.erofs.ErofsFileSystem;
import dev.runsc.kernel.fs.gofer.GoferConnections;
import dev.runsc.kernel.fs.overlay.OverlayFileSystem;
import dev.runsc.kernel.fs.proc.MachineInfo;
import dev.runsc.kernel.fs.proc.ProcFileSystemType;
import dev.runsc.kernel.fs.sys.SysFileSystemType;
import dev.runsc.kernel.fs.tmpfs.MemoryFiles;
import dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem;
import dev.runsc.kernel.fs.tmpfs.TmpfsOptions;
import dev.runsc.kernel.fs.tmpfs.TmpfsType;
import dev.runsc.kernel.fs.tty.DevptsType;
import dev.runsc.kernel.fs.tty.TerminalDevice;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.task.Container;
import dev.runsc.kernel.task.NamespaceSet;
import dev.runsc.kernel.vfs.FileSystem;
import dev.runsc.kernel.vfs.FileSystemType;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.Mount;
import dev.runsc.kernel.vfs.MountNamespace;
import dev.runsc.kernel.vfs.MountOperations;
import dev.runsc.kernel.vfs.NewInode;
import dev.runsc.kernel.vfs.PathWalk;
import dev.runsc.kernel.vfs.RawName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The mounts of a container: its root, and what its configuration puts on top. */
final class ContainerFiles {
    /**
     * Half of a gigabyte-sized machine would be stingy: a tmpfs without size= may grow to this many
     * pages.
     */
    private static final long DEFAULT_TMPFS_PAGES = 1L << 22;

    /** Mount options that are flags of the mount; others go to the file system. */
    private static final Map<String, Integer> FLAGS =
            Map.ofEntries(
                    Map.entry("nosuid", MountFlags.MS_NOSUID),
                    Map.entry("nodev", MountFlags.MS_NODEV),
                    Map.entry("noexec", MountFlags.MS_NOEXEC),
                    Map.entry("noatime", MountFlags.MS_NOATIME),
                    Map.entry("nodiratime", MountFlags.MS_NODIRATIME),
                    Map.entry("relatime", MountFlags.MS_RELATIME),
                    Map.entry("strictatime", 0),
                    Map.entry("ro", MountFlags.MS_RDONLY),
                    Map.entry("rw", 0),
                    Map.entry("suid", 0),
                    Map.entry("dev", 0),
                    Map.entry("exec", 0),
                    Map.entry("bind", 0),
                    Map.entry("rbind", 0),
                    Map.entry("private", 0),
                    Map.entry("rprivate", 0),
                    Map.entry("slave", 0),
                    Map.entry("rslave", 0),
                    Map.entry("shared", 0),
                    Map.entry("rshared", 0));

    /** As many as path resolution follows. */
    private static final int LINKS_MAX = 40;

    /** The type of control groups of version 1. */
    static final String LEGACY_GROUPS = "cgroup";

    /** runc's option of a tmpfs that begins with what was at its place. */
    private static final String COPY_UP = "tmpcopyup";

    /** As runc's template has them: group 5 is tty nearly everywhere. */
    private static final String DEVPTS_OPTIONS = "ptmxmode=0666,mode=0620,gid=5";

    private final SandboxState state;
    private final MountSources sources;
    private final NamespaceSet namespaces;
    private final UserNamespace users;
    private final Container container;

    /** What is to be in file systems that begin empty otherwise; null for nothing. */
    private final @Nullable FileSource source;

    /** Where memory holds files that are the container's, as its configuration names the places. */
    private final ArrayList<String> memoryPaths = new ArrayList<>();

    ContainerFiles(
            SandboxState state,
            Platform platform,
            GoferConnections gofers,
            NamespaceSet namespaces,
            UserNamespace users,
            Container container,
            @Nullable FileSource source) {
        this.users = users;
        this.container = container;
        this.source = source;
        this.state = state;
        this.sources = new MountSources(state, platform, gofers);
        this.namespaces = namespaces;
    }

    static int idOrNobody(int kernelId) {
        return kernelId == IdMap.NONE ? UserNamespace.OVERFLOW_ID : kernelId;
    }

    /** The kinds of file system that mount(2) makes, and the devices there are. */
    static void registerTypes(SandboxState state) {
        state.vfs.register(new TmpfsType("tmpfs", state.memoryFile, DEFAULT_TMPFS_PAGES));
        state.vfs.setMemoryFiles(new MemoryFiles(state.vfs, state.memoryFile));
        MachineInfo machine = MachineInfo.ofHost();
        state.vfs.register(new ProcFileSystemType(state.tasks, machine));
        state.vfs.register(new SysFileSystemType(machine));
        CgroupFiles cgroups = new CgroupFiles(state.tasks, machine);
        state.vfs.register(new CgroupType(cgroups, false));
        state.vfs.register(new CgroupType(cgroups, true));
        state.vfs.register(new DevptsType(state.tasks));
        MemoryDevice.register(state.vfs);
        TerminalDevice.register(state.vfs);
    }

    /** Connects to gofers; their sockets belong to the connections from now on. */
    static Map<String, GoferConnections.Connection> connect(Map<String, HostFd> sockets) {
        Map<String, GoferConnections.Connection> connections = new HashMap<>();
        sockets.forEach((name, socket) ->
                connections.put(
                        name,
                        new GoferConnections.Connection(
                                new GoferClient(socket, ContainerFiles::goferDied), 0)));
        return connections;
    }

    /**
     * Calls on its files answer EIO from now on; the runtime ends the sandbox when it sees the
     * process gone.
     */
    private static void goferDied(String reason) {
        System.getLogger(ContainerFiles.class.getName())
                .log(System.Logger.Level.WARNING, "gofer is gone: {0}", reason);
    }

    MountNamespace mount(ContainerSpec spec) throws KernelException {
        try {
            FileSystem lower = sources.root(spec);
            boolean overlay = spec.rootOverlay() || spec.rootReadonly() && lacksPlaces(spec, lower);
            FileSystem files = overlay ? sources.overlay(lower) : lower;
            keep("/", "", files);
            MountNamespace namespace = state.vfs.newNamespace(users, files, "none", 0);
            Location root = namespace.rootLocation();
            BootCaller caller = bootCaller(root);
            for (MountSpec mount : spec.mounts()) {
                mount(caller, mount);
            }
            makeWorkingDirectory(caller, spec.process().workingDirectory());
            for (DeviceNode device : spec.linux().devices()) {
                DeviceNodes.make(caller, users, device);
            }
            for (String path : spec.maskedPaths()) {
                mask(caller, path);
            }
            for (String path : spec.readonlyPaths()) {
                makeReadonly(caller, path);
            }
            if (spec.rootReadonly()) {
                MountOperations.mount(
                        caller,
                        state.vfs,
                        "none",
                        null,
                        root,
                        "",
                        MountFlags.MS_REMOUNT | MountFlags.MS_BIND | MountFlags.MS_RDONLY,
                        "");
            }
            if (source != null) {
                source.requireUsed(spec.name());
            }
            return namespace;
        } catch (ErrnoException failed) {
            throw new KernelException(
                    "cannot mount the root file system: " + failed.errno().message(), failed);
        } catch (ErofsFault fault) {
            throw new KernelException(
                    "cannot mount the root file system: " + fault.getMessage(), fault);
        }
    }

    /** Where memory holds files of the container, once all is mounted. */
    ArrayList<String> memoryPaths() {
        return memoryPaths;
    }

    /**
     * Notes a file system that nobody has seen yet, if memory holds its files, and fills it.
     *
     * @param volume the name under which containers share it; empty for one container's own
     */
    private void keep(String path, String volume, FileSystem files) throws KernelException {
        TmpfsFileSystem tree = FileSystems.inMemory(files);
        if (tree == null) {
            return;
        }
        if (!memoryPaths.contains(path)) {
            memoryPaths.add(path);
        }
        if (source != null) {
            source.fill(container.name(), path, volume, tree);
        }
    }

    /** As runc does. Where it cannot be made, entering it will say so. */
    private static void makeWorkingDirectory(BootCaller caller, String path) {
        try {
            mountPoint(caller, path, true);
        } catch (ErrnoException e) {
            System.getLogger(ContainerFiles.class.getName())
                    .log(System.Logger.Level.DEBUG, "working directory {0}: {1}", path, e.errno());
        }
    }

    /** Who may do all, and makes what the container's root owns. */
    private BootCaller bootCaller(Location root) {
        int uid = idOrNobody(users.uids().toKernel(0));
        int gid = idOrNobody(users.gids().toKernel(0));
        Credentials owner =
                Credentials.root(state.users)
                        .withUids(uid, uid, uid, uid)
                        .withGids(gid, gid, gid, gid);
        return new BootCaller(new FsContext(root, root, 0), owner);
    }

    /** Who a file system is mounted by, which reads the ids in its options. */
    private BootCaller inside(BootCaller caller) {
        return users.isFirst()
                ? caller
                : new BootCaller(caller.fs(), caller.credentials().in(users));
    }

    /** Whether directories are to be made in a root before all mounts have their places. */
    private boolean lacksPlaces(ContainerSpec spec, FileSystem root) throws ErrnoException {
        BootCaller caller =
                bootCaller(state.vfs.newNamespace(state.users, root, "none", 0).rootLocation());
        for (MountSpec mount : spec.mounts()) {
            String path = mount.destination();
            if (!isWithinAnother(spec, path) && find(caller, path) == null) {
                return true;
            }
        }
        return false;
    }

    private static boolean isWithinAnother(ContainerSpec spec, String path) {
        for (MountSpec other : spec.mounts()) {
            if (path.startsWith(other.destination() + "/")) {
                return true;
            }
        }
        return false;
    }

    private void mount(BootCaller caller, MountSpec mount) throws KernelException {
        try {
            int flags = mount.readonly() ? MountFlags.MS_RDONLY : 0;
            StringBuilder data = new StringBuilder();
            for (String option : mount.options()) {
                Integer flag = FLAGS.get(option);
                if (option.equals(COPY_UP)) {
                    continue;
                }
                if (flag == null) {
                    data.append(data.isEmpty() ? "" : ",").append(option);
                } else {
                    flags |= flag;
                }
            }
            if (mount.type().equals(LEGACY_GROUPS)) {
                mountLegacyGroups(caller, mount, flags);
                return;
            }
            FileSystem fileSystem = fileSystem(caller, mount, data.toString());
            boolean directory = fileSystem.root().isDirectory();
            Location point = mountPoint(caller, mount.destination(), directory);
            if (mount.options().contains(COPY_UP) && fileSystem instanceof TmpfsFileSystem upper) {
                // What was there shows through, and writes stay above.
                fileSystem = new OverlayFileSystem(state.vfs, upper, List.of(point.inode()));
            }
            if (isOwn(mount.type())) {
                keep(mount.destination(), "", fileSystem);
            }
            if (fileSystem instanceof CgroupFileSystem cgroups) {
                MountOperations.attachAt(
                        caller,
                        point,
                        cgroups,
                        cgroups.mountPath(namespaces.cgroups()),
                        "cgroup",
                        flags);
            } else {
                MountOperations.attach(point, fileSystem, mount.source(), flags);
            }
            if (mount.destination().equals("/dev")) {
                DeviceNodes.fill(caller);
            }
        } catch (ErrnoException failed) {
            throw new KernelException(
                    "cannot mount "
                            + mount.destination()
                            + ": "
                            + failed.errno().message().toLowerCase(java.util.Locale.ROOT),
                    failed);
        } catch (ErofsFault fault) {
            throw new KernelException(
                    "cannot mount " + mount.destination() + ": " + fault.getMessage(), fault);
        }
    }

    /** Whether it is for the container's files alone, and nobody else puts any there. */
    private static boolean isOwn(String type) {
        return type.equals("tmpfs") || type.equals("bind");
    }

    /** Control groups of version 1: a folder for each controller, as runc makes it. */
    private void mountLegacyGroups(BootCaller caller, MountSpec mount, int flags)
            throws ErrnoException {
        if (!(state.vfs.findType(LEGACY_GROUPS) instanceof CgroupType type)) {
            throw Errno.ENODEV.error();
        }
        TmpfsFileSystem folder =
                new TmpfsFileSystem(state.vfs, state.memoryFile, TmpfsOptions.unlimited(0755));
        Location point = mountPoint(caller, mount.destination(), true);
        Mount folderMount =
                MountOperations.attach(point, folder, "tmpfs", flags & ~MountFlags.MS_RDONLY);
        for (Controller controller : Controller.values()) {
            Hierarchy hierarchy = state.tasks.cgroups().of(controller);
            if (hierarchy == null || hierarchy.isUnified()) {
                continue;
            }
            String path = mount.destination() + "/" + controller.controllerName();
            CgroupFileSystem groups = type.files().of(state.vfs, hierarchy);
            MountOperations.attachAt(
                    caller,
                    mountPoint(caller, path, true),
                    groups,
                    groups.mountPath(namespaces.cgroups()),
                    "cgroup",
                    flags);
        }
        if ((flags & MountFlags.MS_RDONLY) != 0) {
            MountOperations.mount(
                    caller,
                    state.vfs,
                    "none",
                    null,
                    new Location(folderMount, folderMount.root()),
                    "",
                    MountFlags.MS_REMOUNT | MountFlags.MS_BIND | flags,
                    "");
        }
    }

    private FileSystem fileSystem(BootCaller caller, MountSpec mount, String data)
            throws ErrnoException, KernelException, ErofsFault {
        if (mount.type().equals("bind")) {
            return sources.bind(mount);
        }
        if (mount.type().equals(MountSpec.SHARED)) {
            return shared(caller, mount, data);
        }
        if (state.vfs.findType(mount.type()) instanceof ProcFileSystemType proc) {
            return proc.create(state.vfs, namespaces.pidsForChildren(), container.sandboxFiles());
        }
        // A container's /dev and what else it wants as memory are tmpfs, whatever their kind is
        // called.
        String name =
                switch (mount.type()) {
                    case "devtmpfs", "mqueue" -> "tmpfs";
                    default -> mount.type();
                };
        if (name.equals(ErofsFileSystem.TYPE_NAME)) {
            return sources.image(mount);
        }
        FileSystemType type = state.vfs.findType(name);
        if (type == null) {
            throw Errno.ENODEV.error();
        }
        String options = name.equals(mount.type()) ? data : "mode=755";
        if (name.equals("cgroup2")) {
            options = "";
        }
        if (name.equals("devpts") && data.isEmpty()) {
            options = DEVPTS_OPTIONS;
        }
        return type.mount(inside(caller), state.vfs, mount.source(), options);
    }

    /** Memory that all containers see which mount it by its source's name. */
    private FileSystem shared(BootCaller caller, MountSpec mount, String data)
            throws ErrnoException, KernelException {
        FileSystemType type = state.vfs.findType("tmpfs");
        if (type == null) {
            throw Errno.ENODEV.error();
        }
        String name = mount.source();
        FileSystem known = state.findSharedMount(name);
        if (known == null) {
            FileSystem made = type.mount(inside(caller), state.vfs, name, data);
            keep(mount.destination(), name, made);
            return state.addSharedMount(name, made);
        }
        memoryPaths.add(mount.destination());
        if (source != null) {
            source.isThere(container.name(), mount.destination(), name);
        }
        return known;
    }

    /**
     * Mounts an image in a container that runs, at a place that is made if it is not there.
     *
     * @param file the mount's from now on, also when this fails
     */
    static void mountImage(
            ContainerState container,
            MountSources sources,
            UserNamespace first,
            HostFd file,
            String destination)
            throws KernelException {
        Location root = container.mounts.rootLocation();
        String name = container.container.name() + ":" + destination;
        try {
            ErofsFileSystem files = sources.erofs(name, file);
            FsContext context = new FsContext(root, root, 0);
            BootCaller caller = new BootCaller(context, Credentials.root(first));
            Location point = mountPoint(caller, destination, true);
            MountOperations.attach(point, files, name, MountFlags.MS_RDONLY);
        } catch (ErrnoException failed) {
            throw new KernelException(
                    "cannot mount " + destination + ": " + failed.errno().message(), failed);
        } catch (ErofsFault fault) {
            throw new KernelException(
                    "cannot mount " + destination + ": " + fault.getMessage(), fault);
        }
    }

    /** The place to mount at; what is missing of the path is made, as runc does. */
    static Location mountPoint(BootCaller caller, String path, boolean directory)
            throws ErrnoException {
        return mountPoint(caller, RawName.ofText(path), directory, LINKS_MAX);
    }

    private static Location mountPoint(
            BootCaller caller, String path, boolean directory, int linksLeft)
            throws ErrnoException {
        Location known = findRaw(caller, path, PathWalk.FOLLOW);
        if (known != null) {
            return known;
        }
        int slash = path.lastIndexOf('/');
        String name = path.substring(slash + 1);
        if (slash < 0 || name.equals("..")) {
            throw Errno.ENOENT.error();
        }
        String above = path.substring(0, slash);
        Location parent =
                slash == 0 ? caller.fs().root() : mountPoint(caller, above, true, linksLeft);
        if (name.isEmpty() || name.equals(".")) {
            return parent;
        }
        Location link = findRaw(caller, path, 0);
        if (link != null) {
            // It leads nowhere yet, or no higher than to the container's root.
            if (linksLeft == 0) {
                throw Errno.ELOOP.error();
            }
            String target = link.inode().readLink(caller);
            String next = target.startsWith("/") ? target : above + "/" + target;
            return mountPoint(caller, next, directory, linksLeft - 1);
        }
        if (directory) {
            NewInode wanted = owned(caller, FileMode.S_IFDIR | 0755, 0);
            parent.inode().makeDirectory(caller, name, wanted);
        } else {
            parent.inode().create(caller, name, owned(caller, FileMode.S_IFREG | 0644, 0));
        }
        return PathWalk.find(caller, path, PathWalk.FOLLOW);
    }

    /** What the container's root owns. */
    static NewInode owned(BootCaller caller, int mode, long device) {
        Credentials root = caller.credentials();
        return new NewInode(mode, root.fsUid(), root.fsGid(), device);
    }

    /** Makes a terminal known as /dev/console too, which is a mount as runc has it. */
    static void bindConsole(BootCaller caller, Location terminal) throws ErrnoException {
        Location point = mountPoint(caller, "/dev/console", false);
        MountOperations.bind(terminal, point, 0);
    }

    /**
     * Covers a file with /dev/null, a directory with an empty read-only one; a missing path needs
     * no cover.
     */
    private void mask(BootCaller caller, String path) throws ErrnoException {
        Location at = find(caller, path);
        if (at == null) {
            return;
        }
        if (at.inode().isDirectory()) {
            TmpfsFileSystem empty =
                    new TmpfsFileSystem(state.vfs, state.memoryFile, TmpfsOptions.unlimited(0755));
            MountOperations.attach(at, empty, "tmpfs", MountFlags.MS_RDONLY);
        } else {
            MountOperations.bind(PathWalk.find(caller, "/dev/null", 0), at, 0);
        }
    }

    private static void makeReadonly(BootCaller caller, String path) throws ErrnoException {
        Location at = find(caller, path);
        if (at != null) {
            MountOperations.bind(at, at, MountFlags.MS_RDONLY);
        }
    }

    static @Nullable Location find(BootCaller caller, String path) throws ErrnoException {
        return findRaw(caller, RawName.ofText(path), PathWalk.FOLLOW);
    }

    private static @Nullable Location findRaw(BootCaller caller, String path, int flags)
            throws ErrnoException {
        try {
            return PathWalk.find(caller, path, flags);
        } catch (ErrnoException missing) {
            if (missing.is(Errno.ENOENT) || missing.is(Errno.ENOTDIR)) {
                return null;
            }
            throw missing;
        }
    }
}
