package dev.runsc.cli.launch;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.LogNames;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.launch.JvmCommand.Role;
import dev.runsc.cli.launch.RoleProcess.Adoption;
import dev.runsc.cli.wire.BootDocument;
import dev.runsc.cli.wire.SpecCodec;
import dev.runsc.gofer.abi.DescriptorFlags;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostSockets;
import dev.runsc.gofer.host.HostTree;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Starts sandbox and gofer beside each other. */
public final class SandboxLauncher {
    /** What a dying sandbox may say when there is no debug log. */
    static final int ERROR_BYTES_MAX = 64 << 10;

    /** Requests that may wait while the sandbox is busy starting. */
    private static final int CONTROL_BACKLOG = 128;

    /** Of linux/fcntl.h: F_LINUX_SPECIFIC_BASE + 9. */
    private static final int F_ADD_SEALS = 1033;

    private static final int NEW_FILE =
            OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_TRUNC | OpenFlags.O_CLOEXEC;

    private static final String PANIC = "panic";
    private static final String USER = "user";
    private static final String ENDS = "ends";

    private final RuntimeConfig config;
    private final @Nullable Path debugLog;
    private final @Nullable Path panicLog;

    /**
     * @param command what they are for: part of the name of the debug log of sandbox and gofer
     * @param id of the container
     */
    public SandboxLauncher(RuntimeConfig config, String command, String id) {
        this.config = config;
        this.debugLog = LogNames.debug(config, command, id);
        this.panicLog = LogNames.panic(config, id);
    }

    /**
     * What to start.
     *
     * @param loadContainer whether the container's first process is to be loaded now (else the
     *     sandbox waits for a restore)
     * @param descriptors host descriptors for the first process, by guest number; stay the caller's
     * @param controlSocket where the sandbox is to listen; must not exist
     * @param limits how large a machine the guest is to see
     * @param adoption of both processes
     * @param userLog where the user is told what his programs miss; null for nowhere
     * @param files what is to be in its file systems; null for nothing
     */
    public record Wanted(
            SpecConversion spec,
            boolean loadContainer,
            Map<Integer, Integer> descriptors,
            Path controlSocket,
            ShownLimits limits,
            Adoption adoption,
            @Nullable Path userLog,
            @Nullable SavedFiles files) {}

    /**
     * A gofer for a sandbox that runs already.
     *
     * @param life a pipe that ends when the gofer does
     * @param sockets our ends by name
     */
    public record LaunchedGofer(int pid, HostFd life, Map<String, HostFd> sockets)
            implements AutoCloseable {
        /** Closes our ends; without another holder the gofer ends then. */
        @Override
        public void close() {
            life.close();
            sockets.values().forEach(HostFd::close);
        }
    }

    /** Starts a gofer alone. */
    public LaunchedGofer launchGofer(List<GoferExport> exports, Adoption adoption) throws Failure {
        Map<String, HostFd> ours = new LinkedHashMap<>();
        List<HostFd> toClose = new ArrayList<>();
        HostFd lifeEnd = null;
        boolean good = false;
        try {
            HostFd[] life = HostFiles.pipe2(OpenFlags.O_CLOEXEC);
            lifeEnd = life[0];
            toClose.add(life[1]);
            HostFd nothing = openNull();
            toClose.add(nothing);
            HostFd errors = openErrors();
            toClose.add(errors);
            GoferLauncher gofer = new GoferLauncher(nothing, errors, life[1]);
            addExports(exports, gofer, ours, toClose);
            int pid = gofer.start(adoption);
            good = true;
            return new LaunchedGofer(pid, life[0], ours);
        } catch (ErrnoException e) {
            throw new Failure("starting gofer: " + e.getMessage(), e);
        } finally {
            toClose.forEach(HostFd::close);
            if (!good) {
                ours.values().forEach(HostFd::close);
                if (lifeEnd != null) {
                    lifeEnd.close();
                }
            }
        }
    }

    private static void addExports(
            List<GoferExport> exports,
            GoferLauncher gofer,
            Map<String, HostFd> ours,
            List<HostFd> toClose)
            throws ErrnoException {
        for (GoferExport export : exports) {
            HostFd[] pair =
                    HostSockets.socketpair(
                            SocketConstants.SOCK_SEQPACKET | SocketConstants.SOCK_CLOEXEC);
            ours.put(export.key(), pair[0]);
            toClose.add(pair[1]);
            gofer.add(export, pair[1]);
        }
    }

    /** Starts both processes. They are not ready yet: see {@link LaunchedSandbox#awaitReady}. */
    public LaunchedSandbox launch(Wanted wanted) throws Failure {
        List<HostFd> toClose = new ArrayList<>();
        List<HostFd> kept = new ArrayList<>();
        boolean good = false;
        try {
            LaunchedSandbox launched = launch(wanted, toClose, kept);
            good = true;
            return launched;
        } catch (ErrnoException e) {
            throw new Failure("starting sandbox: " + e.getMessage(), e);
        } finally {
            toClose.forEach(HostFd::close);
            if (!good) {
                kept.forEach(HostFd::close);
            }
        }
    }

    private LaunchedSandbox launch(Wanted wanted, List<HostFd> toClose, List<HostFd> kept)
            throws ErrnoException, Failure {
        HostFd memory =
                keep(kept, HostFiles.memfdCreate("runsc-memory", DescriptorFlags.MFD_CLOEXEC));
        HostFd[] report = HostFiles.pipe2(OpenFlags.O_CLOEXEC);
        keep(kept, report[0]);
        toClose.add(report[1]);
        HostFd[] lifeline = HostFiles.pipe2(OpenFlags.O_CLOEXEC);
        toClose.add(lifeline[0]);
        keep(kept, lifeline[1]);
        HostFd listener = keep(toClose, listen(wanted.controlSocket()));
        HostFd nothing = keep(toClose, openNull());
        HostFd errors = keep(kept, openErrors());

        Map<String, HostFd> goferEnds = new LinkedHashMap<>();
        HostFd[] goferLife = HostFiles.pipe2(OpenFlags.O_CLOEXEC);
        toClose.add(goferLife[0]);
        toClose.add(goferLife[1]);
        GoferLauncher gofer = new GoferLauncher(nothing, errors, goferLife[1]);
        addExports(wanted.spec().exports(), gofer, goferEnds, toClose);
        toClose.addAll(goferEnds.values());

        // The sandbox has more to do until it is ready: it goes first.
        RoleProcess sandbox = jvm(wanted.limits(), nothing, errors);
        int next = BootDocument.DOCUMENT_FD + 1;
        sandbox.descriptor(next, listener.number());
        sandbox.descriptor(next + 1, report[1].number());
        sandbox.descriptor(next + 2, lifeline[0].number());
        sandbox.descriptor(next + 3, memory.number());
        sandbox.descriptor(next + 4, goferLife[0].number());
        int fd = next + 5;
        Map<String, Integer> logs = donate(sandbox, fd, openLogs(wanted, toClose));
        fd += logs.size();
        BootDocument.Files files = donateFiles(sandbox, fd, wanted.files());
        fd += 2;
        Map<Integer, Integer> guest = donate(sandbox, fd, wanted.descriptors());
        Map<String, Integer> sockets = new LinkedHashMap<>();
        goferEnds.forEach((key, end) -> sockets.put(key, end.number()));
        Map<String, Integer> gofers = donate(sandbox, fd + guest.size(), sockets);
        BootDocument document = document(wanted, next, logs, files, guest, gofers);
        HostFd text = keep(toClose, documentFile(document));
        sandbox.descriptor(BootDocument.DOCUMENT_FD, text.number());
        int sandboxPid = sandbox.start(wanted.adoption());
        int goferPid = 0;
        try {
            goferPid = gofer.start(wanted.adoption());
        } finally {
            if (goferPid == 0) {
                RoleProcess.end(sandboxPid);
            }
        }
        return new LaunchedSandbox(
                sandboxPid,
                goferPid,
                report[0],
                lifeline[1],
                debugLog == null ? errors : null,
                memory);
    }

    /**
     * What the sandbox is to know.
     *
     * @param next the number of the first of its descriptors, in the order of {@link BootDocument}
     */
    private BootDocument document(
            Wanted wanted,
            int next,
            Map<String, Integer> logs,
            BootDocument.Files files,
            Map<Integer, Integer> guest,
            Map<String, Integer> gofers)
            throws Failure {
        return new BootDocument(
                wanted.spec().container().id(),
                wanted.loadContainer() ? containerJson(wanted.spec()) : "",
                JvmCommand.stub().toString(),
                config.rewriteCallSites(),
                config.trace(),
                config.pauseAtCall(),
                debugLog != null,
                logs.getOrDefault(PANIC, -1),
                next,
                next + 1,
                next + 2,
                next + 3,
                next + 4,
                guest,
                gofers,
                wanted.limits().memoryBytes(),
                files,
                new BootDocument.Watch(
                        config.watch().traceBytes(),
                        config.watch().watchdogPanics(),
                        config.watch().stuckMillis(),
                        logs.getOrDefault(USER, -1),
                        logs.getOrDefault(ENDS, -1)));
    }

    /** The logs of a sandbox, by what they are for. */
    private Map<String, Integer> openLogs(Wanted wanted, List<HostFd> toClose)
            throws ErrnoException {
        Map<String, Integer> logs = new LinkedHashMap<>();
        Path userLog = wanted.userLog();
        Path ends = EndStatuses.file(wanted.controlSocket());
        logs.put(ENDS, keep(toClose, HostTree.open(ends.toString(), NEW_FILE, 0600)).number());
        if (panicLog != null) {
            logs.put(PANIC, keep(toClose, openLog(panicLog)).number());
        }
        if (userLog != null) {
            logs.put(USER, keep(toClose, openLog(userLog)).number());
        }
        return logs;
    }

    /**
     * Gives a process descriptors of ours.
     *
     * @param first the number that it gets the first one under
     * @return its numbers by the same keys
     */
    private static <K> Map<K, Integer> donate(
            RoleProcess process, int first, Map<K, Integer> ours) {
        Map<K, Integer> numbers = new LinkedHashMap<>();
        for (Map.Entry<K, Integer> entry : ours.entrySet()) {
            int fd = first + numbers.size();
            process.descriptor(fd, entry.getValue());
            numbers.put(entry.getKey(), fd);
        }
        return numbers;
    }

    private static BootDocument.Files donateFiles(
            RoleProcess process, int first, @Nullable SavedFiles files) {
        if (files == null) {
            return BootDocument.Files.NONE;
        }
        process.descriptor(first, files.records().number());
        HostFd contents = files.contents();
        if (contents == null) {
            return new BootDocument.Files(first, -1);
        }
        process.descriptor(first + 1, contents.number());
        return new BootDocument.Files(first, first + 1);
    }

    private static HostFd documentFile(BootDocument document) throws ErrnoException {
        HostFd text = HostFiles.memfdCreate("runsc-boot", DescriptorFlags.MFD_CLOEXEC);
        byte[] bytes = document.toBytes();
        HostFiles.writeFully(
                text.number(), ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
        return text;
    }

    private static String containerJson(SpecConversion spec) {
        JsonText json = new JsonText();
        SpecCodec.write(json, spec.container());
        return json.text();
    }

    /** The sandbox's JVM. It is told its limits, for it may look at its cgroup before it is in. */
    private static RoleProcess jvm(ShownLimits limits, HostFd nothing, HostFd errors) {
        RoleProcess process = new RoleProcess(Role.SANDBOX);
        if (limits.processors() > 0
                && limits.processors() != Runtime.getRuntime().availableProcessors()) {
            process.flag("-XX:ActiveProcessorCount=" + limits.processors());
        }
        if (limits.memoryBytes() > 0) {
            process.flag("-XX:MaxRAM=" + limits.memoryBytes());
        }
        return process.descriptor(0, nothing.number())
                .descriptor(1, errors.number())
                .descriptor(2, errors.number());
    }

    private static HostFd keep(List<HostFd> kept, HostFd fd) {
        kept.add(fd);
        return fd;
    }

    private static HostFd listen(Path path) throws ErrnoException {
        HostFd listener =
                HostSockets.socket(
                        SocketConstants.AF_UNIX,
                        SocketConstants.SOCK_STREAM | SocketConstants.SOCK_CLOEXEC,
                        0);
        boolean good = false;
        try {
            HostSockets.bind(listener.number(), HostSockets.unixAddress(path.toString()));
            HostSockets.listen(listener.number(), CONTROL_BACKLOG);
            good = true;
            return listener;
        } finally {
            if (!good) {
                listener.close();
            }
        }
    }

    private static HostFd openNull() throws ErrnoException {
        return HostTree.open("/dev/null", OpenFlags.O_RDWR | OpenFlags.O_CLOEXEC, 0);
    }

    private static HostFd openLog(Path file) throws ErrnoException {
        int flags =
                OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_APPEND | OpenFlags.O_CLOEXEC;
        return HostTree.open(file.toString(), flags, 0644);
    }

    /** The debug log; without one a small file in memory whose size is sealed, for last words. */
    private HostFd openErrors() throws ErrnoException {
        if (debugLog != null) {
            return openLog(debugLog);
        }
        HostFd errors =
                HostFiles.memfdCreate(
                        "runsc-errors",
                        DescriptorFlags.MFD_CLOEXEC | DescriptorFlags.MFD_ALLOW_SEALING);
        HostFiles.ftruncate(errors.number(), ERROR_BYTES_MAX);
        HostFiles.fcntl(
                errors.number(),
                F_ADD_SEALS,
                FcntlCommands.F_SEAL_GROW | FcntlCommands.F_SEAL_SHRINK);
        return errors;
    }
}
