package dev.runsc.kernel;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.ContainerState.Restrictions;
import dev.runsc.kernel.LinuxSettings.IdRange;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.IdMap;
import dev.runsc.kernel.auth.IdMapWriter;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.cgroup.CgroupNamespace;
import dev.runsc.kernel.cgroup.Cgroups;
import dev.runsc.kernel.cgroup.Controller;
import dev.runsc.kernel.cgroup.Hierarchy;
import dev.runsc.kernel.cgroup.Membership;
import dev.runsc.kernel.fs.gofer.GoferConnections;
import dev.runsc.kernel.fs.host.HostPoller;
import dev.runsc.kernel.fs.host.HostStream;
import dev.runsc.kernel.fs.tty.Consoles;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.task.Container;
import dev.runsc.kernel.task.LoadedImage;
import dev.runsc.kernel.task.NamespaceSet;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.ResourceLimits;
import dev.runsc.kernel.task.SandboxFiles;
import dev.runsc.kernel.task.Seccomp;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.TaskBirth;
import dev.runsc.kernel.task.UtsNamespace;
import dev.runsc.kernel.task.loader.ProgramLoader;
import dev.runsc.kernel.task.seccomp.BpfProgram;
import dev.runsc.kernel.task.seccomp.SeccompFilter;
import dev.runsc.kernel.vfs.FdTable;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.MountNamespace;
import dev.runsc.kernel.vfs.PathWalk;
import dev.runsc.kernel.vfs.RawName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts containers and their processes together from what the runtime asks for. */
final class ContainerBuilder {
    /** Descriptors 0, 1 and 2. */
    private static final int STANDARD = 3;

    private final SandboxState state;
    private final Platform platform;
    private final GoferConnections gofers;
    private final HostPoller poller;

    ContainerBuilder(
            SandboxState state, Platform platform, GoferConnections gofers, HostPoller poller) {
        this.state = state;
        this.platform = platform;
        this.gofers = gofers;
        this.poller = poller;
    }

    /**
     * Makes a container, its first process loaded.
     *
     * @param source what is to be in its file systems; null for nothing
     */
    ContainerState create(ContainerSpec spec, @Nullable FileSource source) throws KernelException {
        List<ContainerState> others = state.containers();
        ContainerState first = others.isEmpty() ? null : others.getFirst();
        String hostname = spec.hostname().isEmpty() ? "runsc" : spec.hostname();
        Restrictions restrictions = new Restrictions(users(spec.linux()), filter(spec.linux()));
        NamespaceSet namespaces = namespaces(spec, first, restrictions.users(), hostname);
        List<String> environment = spec.process().environment();
        SandboxFiles shown =
                new SandboxFiles(
                        state.checkpoints, state.fileSaves(), spec.sandboxFiles(), environment);
        Container container = new Container(spec.name(), spec.id(), shown);
        ContainerFiles files =
                new ContainerFiles(
                        state,
                        platform,
                        gofers,
                        namespaces,
                        restrictions.users(),
                        container,
                        source);
        MountNamespace mounts = files.mount(spec);
        SysctlSettings.apply(state, mounts.rootLocation(), namespaces, spec.linux().sysctls());
        Surroundings around = new Surroundings(container, mounts, namespaces, restrictions, null);
        Task init = process(around, spec.process(), spec.name());
        return new ContainerState(
                container, mounts, files.memoryPaths(), namespaces, hostname, restrictions, init);
    }

    /**
     * What the processes of a container have in common.
     *
     * @param running the container, once it is there
     */
    private record Surroundings(
            Container container,
            MountNamespace mounts,
            NamespaceSet namespaces,
            Restrictions restrictions,
            @Nullable ContainerState running) {}

    /** The user namespace of a container: the sandbox's, or one with the maps it asks for. */
    private UserNamespace users(LinuxSettings linux) throws KernelException {
        if (!linux.hasUsers()) {
            return state.users;
        }
        Credentials creator = Credentials.root(state.users);
        try {
            UserNamespace users = creator.inNewNamespace().namespace();
            new IdMapWriter(users, true, creator, creator).write(map(linux.uids()));
            new IdMapWriter(users, false, creator, creator).write(map(linux.gids()));
            return users;
        } catch (ErrnoException failed) {
            throw new KernelException(
                    "linux.uidMappings, linux.gidMappings: " + failed.errno().message(), failed);
        }
    }

    private static String map(List<IdRange> ranges) {
        StringBuilder text = new StringBuilder();
        for (IdRange range : ranges) {
            text.append(range.containerId()).append(' ').append(range.hostId());
            text.append(' ').append(range.count()).append('\n');
        }
        return text.toString();
    }

    private static @Nullable SeccompFilter filter(LinuxSettings linux) throws KernelException {
        LinuxSettings.Filter given = linux.filter();
        if (given == null) {
            return null;
        }
        try {
            return new SeccompFilter(BpfProgram.of(given.instructions()), null, given.logs());
        } catch (ErrnoException wrong) {
            throw new KernelException("linux.seccomp: not a filter", wrong);
        }
    }

    /**
     * The namespaces of a container's first process: those it shares with the sandbox's first
     * container, and its own.
     */
    private NamespaceSet namespaces(
            ContainerSpec spec,
            @Nullable ContainerState first,
            UserNamespace users,
            String hostname)
            throws KernelException {
        NamespaceSet shared = first == null ? null : first.namespaces;
        Set<String> kinds = spec.sharedNamespaces();
        try {
            PidNamespace pids =
                    shared != null && kinds.contains("pid")
                            ? shared.pidsForChildren()
                            : PidNamespace.below(state.tasks.rootNamespace(), users);
            UtsNamespace uts =
                    shared != null && kinds.contains("uts")
                            ? shared.uts()
                            : new UtsNamespace(users, hostname, "(none)");
            CgroupNamespace cgroups = cgroups(spec, users);
            if (shared != null && kinds.contains("ipc")) {
                return shared.withUts(uts)
                        .withPidsForChildren(pids)
                        .withCgroups(cgroups)
                        .retained();
            }
            return new NamespaceSet(uts, state.ipc.fresh(users), pids, cgroups);
        } catch (ErrnoException failed) {
            throw new KernelException("cannot make namespaces: " + failed.getMessage(), failed);
        }
    }

    /** A group of its own, which it takes for the root. */
    private CgroupNamespace cgroups(ContainerSpec spec, UserNamespace users) throws ErrnoException {
        Cgroups all = state.tasks.cgroups();
        if (spec.mounts().stream()
                .anyMatch(mount -> mount.type().equals(ContainerFiles.LEGACY_GROUPS))) {
            for (Controller controller : Controller.values()) {
                Hierarchy known = all.of(controller);
                if (known == null || known.isUnified()) {
                    all.legacy("", Set.of(controller), hierarchy -> false);
                }
            }
        }
        return new CgroupNamespace(
                users, all.container(spec.name(), Runtime.getRuntime().availableProcessors()));
    }

    /**
     * Where a process is put that comes from outside: the container's own group, or where its first
     * process has gone when processes may no longer be in that one, as runc does.
     */
    private Membership membership(NamespaceSet namespaces, @Nullable ContainerState container) {
        Membership roots = namespaces.cgroups().roots();
        try {
            state.tasks.cgroups().requireHost(roots.unified());
            return roots;
        } catch (ErrnoException busy) {
            return container == null || container.process.isZombie()
                    ? roots
                    : container.init.membership();
        }
    }

    Task exec(ContainerState container, ProcessSpec spec) throws KernelException {
        int number = state.nextExec(container);
        return process(
                new Surroundings(
                        container.container,
                        container.mounts,
                        container.namespaces,
                        container.restrictions(),
                        container),
                spec,
                container.container.name() + "/exec-" + number);
    }

    /** Makes a process that is given its descriptors, or closes them. */
    private Task process(Surroundings around, ProcessSpec spec, String streamPrefix)
            throws KernelException {
        boolean made = false;
        try {
            Task task = make(around, spec, streamPrefix);
            made = true;
            return task;
        } finally {
            if (!made) {
                spec.descriptors().values().forEach(HostFd::close);
            }
        }
    }

    private Task make(Surroundings around, ProcessSpec spec, String streamPrefix)
            throws KernelException {
        boolean exec = around.running != null;
        Location root = around.mounts.rootLocation();
        Credentials credentials = credentials(spec, around.restrictions.users());
        FsContext fs = new FsContext(root, root, spec.umask());
        BootCaller caller = new BootCaller(fs, credentials);
        enter(caller, spec.workingDirectory());
        ResourceLimits limits = limits(spec);
        List<String> environment = HomeDirectory.added(caller, spec.environment(), spec.uid());
        LoadedImage image = load(caller, spec, environment, limits);
        try {
            Consoles.Opened console = console(root, spec, credentials.uid(), streamPrefix, exec);
            FdTable files = streams(spec.descriptors(), streamPrefix, console);
            boolean good = false;
            try {
                Task task =
                        TaskBirth.create(
                                state.tasks,
                                new TaskBirth.Origin(
                                        around.container,
                                        files,
                                        fs,
                                        credentials,
                                        around.namespaces,
                                        membership(around.namespaces, around.running),
                                        limits),
                                image);
                good = true;
                Seccomp.begin(task, around.restrictions.filter());
                task.group().setOomScoreAdjust(spec.oomScoreAdj());
                if (exec) {
                    task.group().markExecSession();
                }
                if (console != null) {
                    console.giveTo(task.group());
                }
                return task;
            } finally {
                if (!good && console != null) {
                    console.giveUp();
                }
            }
        } catch (ErrnoException failed) {
            image.memory().release();
            throw new KernelException("cannot create process: " + failed.errno().message(), failed);
        }
    }

    private static void enter(BootCaller caller, String directory) throws KernelException {
        String path = directory.isEmpty() ? "/" : directory;
        try {
            Location location =
                    PathWalk.find(
                            caller, RawName.ofText(path), PathWalk.FOLLOW | PathWalk.DIRECTORY);
            location.inode().checkPermission(caller, Inode.MAY_EXEC);
            caller.fs().setWorkingDirectory(location);
        } catch (ErrnoException failed) {
            throw new KernelException(
                    "cannot enter working directory "
                            + path
                            + ": "
                            + failed.errno().message().toLowerCase(java.util.Locale.ROOT),
                    failed);
        }
    }

    private LoadedImage load(
            BootCaller caller, ProcessSpec spec, List<String> environment, ResourceLimits limits)
            throws KernelException {
        if (spec.arguments().isEmpty()) {
            throw new KernelException("process has no arguments");
        }
        String name = spec.arguments().getFirst();
        try {
            HostFd given = spec.descriptors().get(ProcessSpec.PROGRAM);
            if (given != null) {
                return DonatedProgram.load(state, caller, given, spec, environment, limits);
            }
            String path = find(caller, RawName.ofText(name), environment);
            Location file = PathWalk.find(caller, path, PathWalk.FOLLOW);
            return new ProgramLoader(caller, state.tasks.host(), limits)
                    .load(
                            new ProgramLoader.Request(
                                    file, path, bytes(spec.arguments()), bytes(environment)));
        } catch (ErrnoException failed) {
            throw new KernelException(
                    "error finding executable \""
                            + name
                            + "\": "
                            + failed.errno().message().toLowerCase(java.util.Locale.ROOT),
                    failed);
        }
    }

    static List<byte[]> bytes(List<String> strings) {
        List<byte[]> all = new ArrayList<>();
        for (String string : strings) {
            all.add(RawName.bytes(RawName.ofText(string)));
        }
        return all;
    }

    /** As execvp(3): a name without a slash is looked for on PATH. */
    private static String find(BootCaller caller, String name, List<String> environment)
            throws ErrnoException {
        if (name.isEmpty()) {
            throw Errno.ENOENT.error();
        }
        if (name.contains("/")) {
            return name;
        }
        String search = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        for (String variable : environment) {
            if (variable.startsWith("PATH=")) {
                search = variable.substring("PATH=".length());
            }
        }
        Errno worst = Errno.ENOENT;
        for (String directory : search.split(":")) {
            String path = (directory.isEmpty() ? "." : RawName.ofText(directory)) + "/" + name;
            try {
                Location found = PathWalk.find(caller, path, PathWalk.FOLLOW);
                if (found.inode().isRegular() && (found.inode().mode() & 0111) != 0) {
                    return path;
                }
                worst = Errno.EACCES;
            } catch (ErrnoException missing) {
                if (missing.is(Errno.EACCES)) {
                    worst = Errno.EACCES;
                }
            }
        }
        throw worst.error();
    }

    /**
     * The terminal of a process that wants one, in the container's devpts, where runc makes it too;
     * {@code /dev/console} is the first process's.
     */
    private Consoles.@Nullable Opened console(
            Location root, ProcessSpec spec, int uid, String prefix, boolean exec)
            throws ErrnoException {
        HostFd in = spec.descriptors().get(0);
        if (!spec.terminal() || in == null) {
            return null;
        }
        BootCaller caller =
                new BootCaller(new FsContext(root, root, 0), Credentials.root(state.users));
        Location devices = PathWalk.find(caller, "/dev/pts", PathWalk.FOLLOW);
        HostFd out = spec.descriptors().get(1);
        Consoles.Opened console =
                state.consoles.open(caller, devices, prefix, exec, uid, in, out, poller);
        HostFd errors = spec.descriptors().get(2);
        if (errors != null) {
            errors.close();
        }
        if (!exec) {
            ContainerFiles.bindConsole(caller, console.place());
        }
        return console;
    }

    private FdTable streams(
            Map<Integer, HostFd> descriptors, String prefix, Consoles.@Nullable Opened console)
            throws ErrnoException {
        FdTable files = new FdTable();
        if (console != null) {
            for (int fd = 0; fd < STANDARD; fd++) {
                if (fd > 0) {
                    console.file().retain();
                }
                files.installAt(fd, console.file(), false);
            }
        }
        for (Map.Entry<Integer, HostFd> each : descriptors.entrySet()) {
            if (each.getKey() < 0 || console != null && each.getKey() < STANDARD) {
                continue;
            }
            HostStream stream =
                    new HostStream(prefix + ":" + each.getKey(), each.getValue(), poller);
            files.installAt(each.getKey(), stream, false);
        }
        return files;
    }

    private static Credentials credentials(ProcessSpec spec, UserNamespace users)
            throws KernelException {
        int uid = require(users.uids().toKernel(spec.uid()), "user", spec.uid());
        int gid = require(users.gids().toKernel(spec.gid()), "group", spec.gid());
        int[] groups = spec.additionalGids().clone();
        for (int i = 0; i < groups.length; i++) {
            groups[i] = require(users.gids().toKernel(groups[i]), "group", groups[i]);
        }
        long[] sets = spec.capabilities();
        return new Credentials(
                uid,
                uid,
                uid,
                uid,
                gid,
                gid,
                gid,
                gid,
                groups,
                sets[3],
                sets[1],
                sets[2],
                sets[0],
                sets[4],
                0,
                spec.noNewPrivileges(),
                users);
    }

    private static int require(int kernelId, String what, int id) throws KernelException {
        if (kernelId == IdMap.NONE) {
            throw new KernelException(
                    what + " " + Integer.toUnsignedString(id) + " has no mapping in the container");
        }
        return kernelId;
    }

    private static ResourceLimits limits(ProcessSpec spec) {
        ResourceLimits limits = new ResourceLimits();
        spec.resourceLimits().forEach((number, pair) -> limits.set(number, pair[0], pair[1]));
        return limits;
    }
}
