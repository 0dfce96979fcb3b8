package dev.runsc.kernel;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.auth.Credentials;
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
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.TaskBirth;
import dev.runsc.kernel.task.UtsNamespace;
import dev.runsc.kernel.task.loader.ProgramLoader;
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

    ContainerState create(ContainerSpec spec) throws KernelException {
        List<ContainerState> others = state.containers();
        ContainerState first = others.isEmpty() ? null : others.getFirst();
        String hostname = spec.hostname().isEmpty() ? "runsc" : spec.hostname();
        NamespaceSet namespaces = namespaces(spec, first, hostname);
        Container container = new Container(spec.name(), spec.id());
        MountNamespace mounts = new ContainerFiles(state, platform, gofers, namespaces).mount(spec);
        Task init = process(container, mounts, namespaces, spec.process(), spec.name(), null);
        return new ContainerState(container, mounts, namespaces, hostname, init);
    }

    /**
     * The namespaces of a container's first process: those it shares with the sandbox's first
     * container, and its own.
     */
    private NamespaceSet namespaces(
            ContainerSpec spec, @Nullable ContainerState first, String hostname)
            throws KernelException {
        NamespaceSet shared = first == null ? null : first.namespaces;
        Set<String> kinds = spec.sharedNamespaces();
        try {
            PidNamespace pids =
                    shared != null && kinds.contains("pid")
                            ? shared.pidsForChildren()
                            : PidNamespace.below(state.tasks.rootNamespace(), state.users);
            UtsNamespace uts =
                    shared != null && kinds.contains("uts")
                            ? shared.uts()
                            : new UtsNamespace(state.users, hostname, "(none)");
            CgroupNamespace cgroups = cgroups(spec);
            if (shared != null && kinds.contains("ipc")) {
                return shared.withUts(uts)
                        .withPidsForChildren(pids)
                        .withCgroups(cgroups)
                        .retained();
            }
            return new NamespaceSet(uts, state.ipc.fresh(state.users), pids, cgroups);
        } catch (ErrnoException failed) {
            throw new KernelException("cannot make namespaces: " + failed.getMessage(), failed);
        }
    }

    /** A group of its own, which it takes for the root. */
    private CgroupNamespace cgroups(ContainerSpec spec) throws ErrnoException {
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
                state.users,
                all.container(spec.name(), Runtime.getRuntime().availableProcessors()));
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
                container.container,
                container.mounts,
                container.namespaces,
                spec,
                container.container.name() + "/exec-" + number,
                container);
    }

    /** Makes a process that is given its descriptors, or closes them. */
    private Task process(
            Container container,
            MountNamespace mounts,
            NamespaceSet namespaces,
            ProcessSpec spec,
            String streamPrefix,
            @Nullable ContainerState running)
            throws KernelException {
        boolean made = false;
        try {
            Task task = make(container, mounts, namespaces, spec, streamPrefix, running);
            made = true;
            return task;
        } finally {
            if (!made) {
                spec.descriptors().values().forEach(HostFd::close);
            }
        }
    }

    private Task make(
            Container container,
            MountNamespace mounts,
            NamespaceSet namespaces,
            ProcessSpec spec,
            String streamPrefix,
            @Nullable ContainerState running)
            throws KernelException {
        boolean exec = running != null;
        Location root = mounts.rootLocation();
        Credentials credentials = credentials(spec);
        FsContext fs = new FsContext(root, root, spec.umask());
        BootCaller caller = new BootCaller(fs, credentials);
        enter(caller, spec.workingDirectory());
        ResourceLimits limits = limits(spec);
        List<String> environment = HomeDirectory.added(caller, spec.environment(), spec.uid());
        LoadedImage image = load(caller, spec, environment, limits);
        try {
            Consoles.Opened console = console(root, spec, streamPrefix, exec);
            FdTable files = streams(spec.descriptors(), streamPrefix, console);
            boolean good = false;
            try {
                Task task =
                        TaskBirth.create(
                                state.tasks,
                                new TaskBirth.Origin(
                                        container,
                                        files,
                                        fs,
                                        credentials,
                                        namespaces,
                                        membership(namespaces, running),
                                        limits),
                                image);
                good = true;
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
            Location root, ProcessSpec spec, String prefix, boolean exec) throws ErrnoException {
        HostFd in = spec.descriptors().get(0);
        if (!spec.terminal() || in == null) {
            return null;
        }
        BootCaller caller =
                new BootCaller(new FsContext(root, root, 0), Credentials.root(state.users));
        Location devices = PathWalk.find(caller, "/dev/pts", PathWalk.FOLLOW);
        HostFd out = spec.descriptors().get(1);
        Consoles.Opened console =
                state.consoles.open(caller, devices, prefix, exec, spec.uid(), in, out, poller);
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

    private Credentials credentials(ProcessSpec spec) {
        long[] sets = spec.capabilities();
        return new Credentials(
                spec.uid(),
                spec.uid(),
                spec.uid(),
                spec.uid(),
                spec.gid(),
                spec.gid(),
                spec.gid(),
                spec.gid(),
                spec.additionalGids().clone(),
                sets[3],
                sets[1],
                sets[2],
                sets[0],
                sets[4],
                0,
                spec.noNewPrivileges(),
                state.users);
    }

    private static ResourceLimits limits(ProcessSpec spec) {
        ResourceLimits limits = new ResourceLimits();
        spec.resourceLimits().forEach((number, pair) -> limits.set(number, pair[0], pair[1]));
        return limits;
    }
}
