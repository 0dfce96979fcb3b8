package dev.runsc.cli.trace;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.trace.TraceConfig.Point;
import dev.runsc.cli.trace.TraceConfig.SinkKind;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.Kernel;
import dev.runsc.kernel.fs.proc.ProcessDump;
import dev.runsc.kernel.syscalls.Args;
import dev.runsc.kernel.syscalls.CallObserver;
import dev.runsc.kernel.syscalls.CallText;
import dev.runsc.kernel.syscalls.Syscall;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.TaskObserver;
import dev.runsc.kernel.vfs.RawName;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The sessions of a sandbox. While there are none its kernel is asked to tell nothing. */
public final class TraceSessions implements CallObserver, TaskObserver {
    private static final int SESSIONS_MAX = 16;
    private static final int SHOWN_BYTES = 1024;

    private final CallText text = new CallText(SHOWN_BYTES);

    /** Replaced, never changed: tasks read it without a lock. */
    private volatile List<TraceSession> sessions = List.of();

    @GuardedBy("this")
    private @Nullable Kernel kernel;

    // ---- sessions

    /** Listens to a kernel in place of the one before. */
    public synchronized void attach(Kernel changed) {
        kernel = changed;
        listen();
    }

    @GuardedBy("this")
    private void listen() {
        if (kernel != null) {
            boolean calls = sessions.stream().anyMatch(TraceSession::hasCalls);
            kernel.diagnostics().observe(calls ? this : null, sessions.isEmpty() ? null : this);
        }
    }

    /**
     * Begins a session.
     *
     * @param descriptors of its sinks in their order, but for those that keep nothing; they belong
     *     to the session when there is no fault
     * @param force whether one of the same name is replaced
     */
    public void create(TraceConfig config, List<HostFd> descriptors, boolean force)
            throws ControlFault {
        TraceSession replaced;
        synchronized (this) {
            replaced = find(config.name());
            if (replaced != null && !force) {
                throw new ControlFault(
                        Code.WRONG_STATE, "session \"" + config.name() + "\" exists already");
            }
            if (sessions.size() >= SESSIONS_MAX) {
                throw new ControlFault(Code.BUSY, "too many trace sessions");
            }
            List<TraceSink> sinks = sinks(config, descriptors);
            List<TraceSession> changed = new ArrayList<>(sessions);
            changed.remove(replaced);
            changed.add(new TraceSession(config, sinks));
            sinks.forEach(TraceSink::start);
            sessions = List.copyOf(changed);
            listen();
        }
        if (replaced != null) {
            replaced.close();
        }
    }

    private static List<TraceSink> sinks(TraceConfig config, List<HostFd> descriptors)
            throws ControlFault {
        long wanted = config.sinks().stream().filter(s -> s.kind() != SinkKind.NULL).count();
        if (wanted != descriptors.size()) {
            throw new ControlFault(Code.BAD_REQUEST, "sinks and their descriptors differ");
        }
        List<TraceSink> sinks = new ArrayList<>();
        int next = 0;
        for (TraceConfig.Sink sink : config.sinks()) {
            HostFd file = sink.kind() == SinkKind.NULL ? null : descriptors.get(next++);
            sinks.add(new TraceSink(sink.kind(), file));
        }
        return sinks;
    }

    @GuardedBy("this")
    private @Nullable TraceSession find(String name) {
        return sessions.stream().filter(s -> s.name().equals(name)).findAny().orElse(null);
    }

    /** Ends a session, once its sinks have what they take. */
    public void delete(String name) throws ControlFault {
        TraceSession ended;
        synchronized (this) {
            ended = find(name);
            if (ended == null) {
                throw new ControlFault(Code.WRONG_STATE, "no trace session \"" + name + "\"");
            }
            List<TraceSession> changed = new ArrayList<>(sessions);
            changed.remove(ended);
            sessions = List.copyOf(changed);
            listen();
        }
        ended.close();
    }

    /** Adds the sessions as an array. */
    public void list(JsonText json) {
        json.beginArray();
        for (TraceSession session : sessions) {
            json.beginObject().field("name", session.name()).name("sinks").beginArray();
            for (TraceSink sink : session.sinks()) {
                json.beginObject().field("name", sink.kind().text());
                json.field("dropped", sink.dropped()).endObject();
            }
            json.endArray().endObject();
        }
        json.endArray();
    }

    /** Lines that no sink took, of all sessions there are. */
    public long dropped() {
        return sessions.stream()
                .flatMap(session -> session.sinks().stream())
                .mapToLong(TraceSink::dropped)
                .sum();
    }

    // ---- points

    /** The first process of a container begins to run. */
    public void started(Kernel running, String containerId) {
        for (TraceSession session : sessions) {
            Point point = session.life(TracePoints.CONTAINER_START);
            if (point == null) {
                continue;
            }
            JsonText json =
                    TraceSession.begin(TracePoints.CONTAINER_START, point, null, containerId);
            json.field("id", containerId);
            for (ProcessDump process : running.diagnostics().processes()) {
                if (process.pid() == 1 && process.containerId().equals(containerId)) {
                    json.field("args", process.arguments());
                    json.field("cwd", process.directory());
                    if (point.optionalFields().contains("env")) {
                        json.field("env", process.environment());
                    }
                }
            }
            session.send(json);
        }
    }

    private void life(String name, Task task, Consumer<JsonText> fields) {
        for (TraceSession session : sessions) {
            Point point = session.life(name);
            if (point != null) {
                JsonText json =
                        TraceSession.begin(name, point, task, task.group().container().id());
                fields.accept(json);
                session.send(json);
            }
        }
    }

    @Override
    public void cloned(Task parent, Task child) {
        life(
                TracePoints.CLONE,
                parent,
                json -> {
                    json.field("created_thread_id", child.tid());
                    json.field("created_thread_group_id", child.processId());
                    json.field("created_thread_start_time_ns", child.startNanos());
                });
    }

    @Override
    public void executed(Task task) {
        for (TraceSession session : sessions) {
            Point point = session.life(TracePoints.EXECVE);
            if (point == null) {
                continue;
            }
            JsonText json =
                    TraceSession.begin(
                            TracePoints.EXECVE, point, task, task.group().container().id());
            ProcessDump process = ProcessDump.of(task.group(), task.namespace());
            if (process != null) {
                json.field("binary_path", process.executable());
                json.field("argv", process.arguments());
                if (point.optionalFields().contains("env")) {
                    json.field("env", process.environment());
                }
            }
            json.field("name", RawName.text(task.name()));
            session.send(json);
        }
    }

    @Override
    public void exited(Task task, int waitStatus, boolean last) {
        life(TracePoints.TASK_EXIT, task, json -> json.field("exit_status", waitStatus));
        if (last) {
            life(
                    TracePoints.EXIT_NOTIFY_PARENT,
                    task,
                    json -> json.field("exit_status", waitStatus));
        }
    }

    @Override
    public @Nullable Object entered(Syscall row, Task task, Args args) {
        List<String> shown = null;
        boolean wantsExit = false;
        for (TraceSession session : sessions) {
            Point enter = session.enter(row.number());
            wantsExit |= session.exit(row.number()) != null;
            if (enter == null) {
                continue;
            }
            if (shown == null) {
                shown = text.arguments(row, task, args);
            }
            JsonText json = call(row, TracePoints.ENTER, enter, task, shown);
            session.send(json);
        }
        return !wantsExit || shown != null ? shown : text.arguments(row, task, args);
    }

    private static JsonText call(
            Syscall row, String side, Point point, Task task, List<String> arguments) {
        JsonText json =
                TraceSession.begin(
                        TracePoints.name(row, side), point, task, task.group().container().id());
        return json.field("sysno", row.number()).field("args", arguments);
    }

    @Override
    @SuppressWarnings("unchecked") // what entered() gave
    public void left(Syscall row, Task task, @Nullable Object entry, long result) {
        List<String> arguments = entry == null ? List.of() : (List<String>) entry;
        for (TraceSession session : sessions) {
            Point exit = session.exit(row.number());
            if (exit != null) {
                JsonText json = call(row, TracePoints.EXIT, exit, task, arguments);
                session.send(json.field("result", result));
            }
        }
    }
}
