package dev.runsc.cli.boot;

import dev.runsc.cli.boot.Checkpoints.Around;
import dev.runsc.cli.boot.Checkpoints.Program;
import dev.runsc.cli.boot.Checkpoints.Wanted;
import dev.runsc.cli.boot.ControlObjects.ControlObject;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.ControlServer.Connection;
import dev.runsc.cli.control.ControlServer.Reply;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.image.HookRequest;
import dev.runsc.cli.image.PlainImageWriter;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.oci.SaveHook;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.SeekWhence;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.ContainerSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code State}: a save for clients without a snapshot store, into two files of theirs, from which
 * {@code restore} can bring the sandbox back ({@link PlainImageWriter}).
 */
final class StateMethods implements ControlObject {
    private static final int ARGUMENTS_MAX = 1024;

    private final Loader loader;
    private final Checkpoints checkpoints;

    StateMethods(Loader loader, Checkpoints checkpoints) {
        this.loader = loader;
        this.checkpoints = checkpoints;
    }

    @Override
    public Reply handle(String method, ObjectRequest request, Connection connection)
            throws ControlFault, JsonFault, InterruptedException {
        if (!method.equals(Methods.STATE_SAVE)) {
            throw ControlObjects.unknown(method);
        }
        save(loader, checkpoints, Wanted.SANDBOX, request, connection);
        return Reply.EMPTY;
    }

    /**
     * Saves into the two files that came with a request; a third descriptor has the streams of a
     * program around the save.
     */
    static void save(
            Loader loader,
            Checkpoints checkpoints,
            Wanted wanted,
            ObjectRequest request,
            Connection connection)
            throws ControlFault, JsonFault, InterruptedException {
        boolean resume = request.is("resume");
        SaveHook hook = wanted.isOfFiles() ? null : hook(request);
        if (request.descriptors().size() != (hook == null ? 2 : 3)) {
            throw new ControlFault(
                    Code.BAD_REQUEST, "a save takes two descriptors, and one for a hook");
        }
        try (HostFd graph = request.take("graph");
                HostFd memory = request.take("memory")) {
            Stat first = requireEmptyFile(graph, "graph");
            Stat second = requireEmptyFile(memory, "memory");
            if (first.dev() == second.dev() && first.ino() == second.ino()) {
                throw new ControlFault(Code.BAD_REQUEST, "graph and memory are the same file");
            }
            Program program = hook == null ? null : program(loader, hook, request);
            checkpoints.saveInto(wanted, graph, memory, program, resume, connection);
        }
    }

    /** What is to run around the save; null for nothing. */
    private static @Nullable SaveHook hook(ObjectRequest request) throws ControlFault, JsonFault {
        List<String> arguments = request.texts("args", ARGUMENTS_MAX);
        long timeout = request.number("timeoutNanos", SaveHook.TIMEOUT_NANOS, 1, Long.MAX_VALUE);
        return arguments.isEmpty() ? null : new SaveHook(arguments, timeout);
    }

    private static Program program(Loader loader, SaveHook hook, ObjectRequest request)
            throws ControlFault, JsonFault {
        String id = request.id();
        ContainerSpec container = loader.specs().require(id);
        HookRequest wanted = new HookRequest(container.name(), hook);
        HookProcess process =
                new HookProcess(
                        wanted.process(container.process()),
                        hook.timeoutNanos(),
                        request.take("streams of a hook"));
        return new Program(new Around(process, id), wanted.json());
    }

    /** Writing to anything else could keep the stopped sandbox waiting, or spoil what is there. */
    private static Stat requireEmptyFile(HostFd fd, String what) throws ControlFault {
        Stat stat;
        int flags;
        try {
            stat = HostFiles.fstat(fd.number());
            flags = HostFiles.fcntl(fd.number(), FcntlCommands.F_GETFL, 0);
        } catch (ErrnoException e) {
            throw new ControlFault(Code.INTERNAL, what + ": " + e.getMessage(), e);
        }
        // What is appended does not go where it is to be found.
        boolean writable =
                (flags & (OpenFlags.O_PATH | OpenFlags.O_APPEND)) == 0
                        && (flags & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY;
        if ((stat.mode() & FileMode.S_IFMT) != FileMode.S_IFREG || stat.size() > 0 || !writable) {
            throw new ControlFault(
                    Code.BAD_REQUEST, "the descriptor of the " + what + " is no empty file");
        }
        try {
            HostFiles.lseek(fd.number(), 0, SeekWhence.SEEK_SET);
        } catch (ErrnoException e) {
            throw new ControlFault(Code.INTERNAL, what + ": " + e.getMessage(), e);
        }
        return stat;
    }
}
