package dev.runsc.cli.boot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.boot.ControlObjects.ControlObject;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.ControlServer.Connection;
import dev.runsc.cli.control.ControlServer.Reply;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonText;
import dev.runsc.gofer.host.FdOutput;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.syscalls.SyscallTable;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code debug} and {@code Logging}: what this process is doing, and what it tells of it. */
final class DebugMethods implements ControlObject {
    private static final int TRACE_BYTES_MAX = 1 << 20;

    private final Loader loader;

    /** The log that came with the last request that brought one. */
    @GuardedBy("this")
    private @Nullable HostFd donated;

    DebugMethods(Loader loader) {
        this.loader = loader;
    }

    @Override
    public Reply handle(String method, ObjectRequest request, Connection connection)
            throws ControlFault, JsonFault {
        return switch (method) {
            case Methods.STACKS -> stacks();
            case Methods.LOGGING_CHANGE -> change(request);
            default -> throw ControlObjects.unknown(method);
        };
    }

    private static Reply stacks() {
        StringWriter text = new StringWriter();
        Stacks.print(new PrintWriter(text));
        return new Reply(
                new JsonText().beginObject().field("stacks", text.toString()).endObject().text());
    }

    /**
     * {@code level}: debug, info or warning, the latter two without a debug log; {@code strace}:
     * all, off, or names separated by commas; {@code straceBytes}; and as a descriptor the log to
     * write to from now on.
     */
    private Reply change(ObjectRequest request) throws ControlFault, JsonFault {
        String level = request.text("level", "");
        String calls = request.text("strace", "");
        int bytes = (int) request.number("straceBytes", -1, 0, TRACE_BYTES_MAX);
        requireCalls(calls);
        boolean debug =
                switch (level) {
                    case "debug" -> true;
                    case "", "info", "warning" -> false;
                    default ->
                            throw new ControlFault(
                                    Code.BAD_REQUEST, "unknown log level \"" + level + "\"");
                };
        boolean traces = !calls.isEmpty() && !calls.equals("off");
        if (request.hasDescriptor() && (debug || traces)) {
            write(request.take("log"));
        } else if (debug && !DebugLog.resume() || traces && !DebugLog.isOn()) {
            throw new ControlFault(
                    Code.WRONG_STATE,
                    "the sandbox has no debug log; give this command --debug-log too");
        }
        if (!level.isEmpty() && !debug) {
            DebugLog.suspend();
        }
        if (!calls.isEmpty()) {
            loader.watching().trace(traces ? calls : "", bytes);
        }
        DebugLog.write("log level \"" + level + "\", strace \"" + calls + "\"");
        return Reply.EMPTY;
    }

    /** Sends the debug log there, and no longer where a request before sent it. */
    private synchronized void write(HostFd log) {
        HostFd old = donated;
        donated = log;
        DebugLog.replace(new FdOutput(log));
        if (old != null) {
            old.close();
        }
    }

    private static void requireCalls(String calls) throws ControlFault {
        if (calls.isEmpty() || calls.equals("off") || calls.equals("all")) {
            return;
        }
        Set<String> known =
                SyscallTable.ROWS.stream().map(row -> row.name()).collect(Collectors.toSet());
        for (String name : calls.split(",", -1)) {
            if (!known.contains(name)) {
                throw new ControlFault(Code.BAD_REQUEST, "unknown system call \"" + name + "\"");
            }
        }
    }
}
