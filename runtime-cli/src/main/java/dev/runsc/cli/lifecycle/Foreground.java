package dev.runsc.cli.lifecycle;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.control.ControlClient;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.launch.RawTerminal;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.host.HostSignals;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stays with a process of a container until it ends, and passes on to it the signals that this
 * command gets meanwhile.
 */
public final class Foreground implements AutoCloseable {
    /**
     * What can be passed on. SIGQUIT cannot: the JVM keeps it for itself. SIGPIPE and SIGCHLD are
     * about this process, SIGTSTP and its like stop it as the user wants.
     */
    private static final List<Integer> SIGNALS =
            List.of(
                    SignalNumbers.SIGHUP,
                    SignalNumbers.SIGINT,
                    SignalNumbers.SIGTERM,
                    SignalNumbers.SIGUSR1,
                    SignalNumbers.SIGUSR2,
                    SignalNumbers.SIGCONT,
                    SignalNumbers.SIGWINCH,
                    SignalNumbers.SIGALRM,
                    SignalNumbers.SIGURG,
                    SignalNumbers.SIGIO,
                    SignalNumbers.SIGPWR);

    private final ContainerState state;
    private final int pid;
    private final TerminalUse terminal;
    private final ControlClient waiting;
    private volatile @Nullable RawTerminal raw;

    /** What the process has to do with terminals. */
    public enum TerminalUse {
        /** Nothing. */
        NONE,
        /** It has ours: keys are passed on as they are, also those that would end us. */
        OWN,
        /** It has one whose other end somebody else holds. */
        OTHER
    }

    private Foreground(ContainerState state, int pid, TerminalUse terminal, ControlClient waiting) {
        this.state = state;
        this.pid = pid;
        this.terminal = terminal;
        this.waiting = waiting;
    }

    /**
     * Begins to wait, so that an end that comes at once is not missed.
     *
     * @param pid guest process, 0 for the container's first
     */
    public static Foreground begin(ContainerState state, int pid, TerminalUse terminal)
            throws Failure {
        try {
            ControlClient client = Containers.connect(state);
            JsonText arguments = new JsonText().beginObject().field("id", state.id());
            if (pid != 0) {
                arguments.field("pid", pid);
            }
            client.send(pid == 0 ? Methods.WAIT : Methods.WAIT_PID, arguments.endObject().text());
            return new Foreground(state, pid, terminal, client);
        } catch (ControlFault e) {
            throw new Failure("waiting for container: " + e.getMessage(), e);
        }
    }

    /** Passes on signals from now on. */
    public void forwardSignals() {
        if (terminal == TerminalUse.OWN) {
            raw = RawTerminal.enter(0);
        }
        try {
            HostSignals.handle(SIGNALS, this::forward);
        } catch (ErrnoException e) {
            DebugLog.write("signals are not passed on: " + e.getMessage());
        }
        if (terminal != TerminalUse.NONE) {
            // Of a size that changed after the start and before this nobody has told.
            forward(SignalNumbers.SIGWINCH);
        }
    }

    private void forward(int signal) {
        if (terminal != TerminalUse.NONE && signal == SignalNumbers.SIGWINCH) {
            tell(Methods.CONSOLE_RESIZED, new JsonText().beginObject().field("id", state.id()));
            return;
        }
        RawTerminal own = raw;
        if (own != null && signal == SignalNumbers.SIGCONT) {
            own.enterAgain();
        }
        JsonText arguments = new JsonText().beginObject().field("id", state.id()).field("pid", pid);
        boolean typed = terminal != TerminalUse.NONE && signal == SignalNumbers.SIGINT;
        arguments.field("signal", signal).field("mode", typed ? "foreground" : "process");
        tell(Methods.SIGNAL, arguments);
    }

    private void tell(String method, JsonText openArguments) {
        try (ControlClient client = Containers.connect(state)) {
            client.call(method, openArguments.endObject().text());
        } catch (ControlFault e) {
            DebugLog.write("passing on a signal: " + e.getMessage());
        }
    }

    /** Waits for the end; the exit code a shell would show. */
    public int await() throws Failure {
        return await(() -> "");
    }

    /**
     * The same.
     *
     * @param lastWords what is known of a sandbox that ended without an answer
     */
    public int await(Supplier<String> lastWords) throws Failure {
        try {
            return exitCode(waitStatus(waiting.receive().reader()));
        } catch (ControlFault e) {
            String words = e.code() == Code.DISCONNECTED ? lastWords.get() : "";
            throw new Failure("waiting for container: " + e.getMessage() + words, e);
        }
    }

    /** The wait status in an answer. */
    public static int waitStatus(JsonReader in) throws Failure {
        try {
            int status = -1;
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                if (name.equals("waitStatus")) {
                    status = in.integer(0, 0xffff);
                } else {
                    in.skip();
                }
            }
            return status;
        } catch (JsonFault e) {
            throw new Failure("waiting for container: " + e.getMessage(), e);
        }
    }

    /** The program's own code, or 128 and the signal that ended it. */
    public static int exitCode(int waitStatus) {
        int signal = waitStatus & 0x7f;
        return signal == 0 ? waitStatus >> 8 & 0xff : 128 + signal;
    }

    @Override
    public void close() {
        RawTerminal own = raw;
        if (own != null) {
            own.close();
        }
        waiting.close();
    }
}
