package dev.runsc.cli.boot;

import dev.runsc.cli.base.Stages;
import dev.runsc.cli.boot.GuestKernel.GuestProcess;
import dev.runsc.cli.boot.GuestKernel.SignalTarget;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.ControlServer;
import dev.runsc.cli.control.ControlServer.Connection;
import dev.runsc.cli.control.ControlServer.Reply;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.wire.SpecCodec;
import dev.runsc.cli.wire.StageCodec;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.ProcessSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Requests by name. A request owns the descriptors that came with it, whatever becomes of it. */
final class ControlMethods implements ControlServer.Handler {
    private static final int GUEST_FD_MAX = 1 << 20;

    private final Loader loader;

    ControlMethods(Loader loader) {
        this.loader = loader;
    }

    /** The fields that requests share; each method looks at its own. */
    private static final class Arguments {
        private String id = "";
        private int pid;
        private int signal = -1;
        private String mode = "process";
        private boolean exit;
        private String process = "";
        private String container = "";
        private List<String> gofers = List.of();
        private final List<Integer> descriptors = new ArrayList<>();

        static Arguments read(JsonReader in) throws JsonFault {
            Arguments a = new Arguments();
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                switch (name) {
                    case "id" -> a.id = in.string();
                    case "pid" -> a.pid = in.integer(0, Integer.MAX_VALUE);
                    case "signal" -> a.signal = in.integer(0, Integer.MAX_VALUE);
                    case "mode" -> a.mode = in.string();
                    case "exit" -> a.exit = in.bool();
                    case "process" -> a.process = in.raw();
                    case "container" -> a.container = in.raw();
                    case "gofers" -> a.gofers = in.strings();
                    case "descriptors" -> {
                        in.array();
                        while (in.nextElement()) {
                            a.descriptors.add(in.integer(0, GUEST_FD_MAX));
                        }
                    }
                    default -> in.skip();
                }
            }
            in.end();
            return a;
        }
    }

    @Override
    public Reply handle(
            String method, JsonReader in, List<HostFd> descriptors, Connection connection)
            throws ControlFault, JsonFault {
        List<HostFd> unused = new ArrayList<>(descriptors);
        try {
            return handle(method, Arguments.read(in), unused, connection);
        } finally {
            unused.forEach(HostFd::close);
        }
    }

    /** Takes descriptors that it keeps out of {@code unused}. */
    private Reply handle(String method, Arguments a, List<HostFd> unused, Connection connection)
            throws ControlFault, JsonFault {
        switch (method) {
            case Methods.RUNTIME_STATE -> {
                return reply(
                        new JsonText().beginObject().field("state", loader.runtimeState(a.id)));
            }
            case Methods.START_ROOT -> loader.start(a.id);
            case Methods.WAIT -> {
                return status(connection.park(() -> loader.await(a.id)));
            }
            case Methods.WAIT_PID -> {
                return status(loader.awaitProcess(a.id, a.pid));
            }
            case Methods.SIGNAL -> loader.signal(a.id, a.pid, a.signal, target(a.mode));
            case Methods.CONSOLE_RESIZED -> loader.consolesResized(a.id);
            case Methods.PROCESSES -> {
                return processes(loader.processes(a.id));
            }
            case Methods.EXECUTE_ASYNC -> {
                return exec(a, unused);
            }
            case Methods.EVENT -> {
                return event(loader.processes(a.id));
            }
            case Methods.PAUSE -> loader.pause();
            case Methods.WAIT_PAUSED -> {
                return reply(
                        new JsonText().beginObject().field("paused", loader.awaitPaused(a.id)));
            }
            case Methods.RESUME -> loader.resume();
            case Methods.CHECKPOINT -> {
                return checkpoint(unused, connection);
            }
            case Methods.CHECKPOINT_END -> {
                connection.onEnd(null);
                loader.endCheckpoint(a.exit);
            }
            case Methods.RESTORE -> {
                return restore(a, unused);
            }
            default -> throw new ControlFault(Code.UNKNOWN_METHOD, "unknown method " + method);
        }
        return Reply.EMPTY;
    }

    private static SignalTarget target(String mode) throws ControlFault {
        return switch (mode) {
            case "process" -> SignalTarget.PROCESS;
            case "all" -> SignalTarget.ALL;
            case "group" -> SignalTarget.GROUP;
            case "foreground" -> SignalTarget.FOREGROUND;
            default -> throw new ControlFault(Code.BAD_REQUEST, "unknown signal mode " + mode);
        };
    }

    private Reply exec(Arguments a, List<HostFd> unused) throws ControlFault, JsonFault {
        if (a.descriptors.size() != unused.size()) {
            throw new ControlFault(Code.BAD_REQUEST, "descriptors and their numbers differ");
        }
        Map<Integer, HostFd> guest = new LinkedHashMap<>();
        for (int i = 0; i < unused.size(); i++) {
            guest.put(a.descriptors.get(i), unused.get(i));
        }
        if (guest.size() != unused.size()) {
            throw new ControlFault(Code.BAD_REQUEST, "a guest descriptor is named twice");
        }
        JsonReader process = new JsonReader("process", a.process.getBytes(StandardCharsets.UTF_8));
        ProcessSpec spec = SpecCodec.readProcess(process, guest);
        unused.clear();
        int pid = loader.exec(a.id, spec);
        return reply(new JsonText().beginObject().field("pid", pid));
    }

    private Reply checkpoint(List<HostFd> unused, Connection connection) throws ControlFault {
        if (unused.size() != 2) {
            throw new ControlFault(Code.BAD_REQUEST, "a checkpoint takes two descriptors");
        }
        Stages stages = new Stages();
        HostFd memory = loader.checkpoint(unused.get(0), unused.get(1), stages);
        // A client that goes away now leaves the container as it was.
        connection.onEnd(() -> loader.endCheckpoint(false));
        JsonText json = new JsonText().beginObject();
        StageCodec.write(json, stages);
        return new Reply(json.endObject().text(), List.of(memory));
    }

    private Reply restore(Arguments a, List<HostFd> unused) throws ControlFault, JsonFault {
        // Memory and graph; and with new gofer sockets also the pipe that tells of its end.
        int own = a.gofers.isEmpty() ? 2 : 3;
        if (unused.size() != own + a.gofers.size()) {
            throw new ControlFault(Code.BAD_REQUEST, "descriptors and their names differ");
        }
        List<HostFd> taken = List.copyOf(unused);
        unused.clear();
        Map<String, HostFd> gofers = new LinkedHashMap<>();
        for (int i = 0; i < a.gofers.size(); i++) {
            gofers.put(a.gofers.get(i), taken.get(own + i));
        }
        JsonReader container =
                new JsonReader("container", a.container.getBytes(StandardCharsets.UTF_8));
        Stages stages = new Stages();
        HostFd goferLife = a.gofers.isEmpty() ? null : taken.get(2);
        loader.restore(container, taken.get(0), taken.get(1), goferLife, gofers, stages);
        JsonText json = new JsonText().beginObject();
        StageCodec.write(json, stages);
        return reply(json);
    }

    private static Reply status(int waitStatus) {
        return reply(new JsonText().beginObject().field("waitStatus", waitStatus));
    }

    private static Reply event(List<GuestProcess> processes) {
        JsonText json = new JsonText().beginObject();
        json.name("pids").beginObject().field("current", processes.size()).endObject();
        return reply(json);
    }

    private static Reply processes(List<GuestProcess> processes) {
        JsonText json = new JsonText().beginObject();
        json.name("processes").beginArray();
        for (GuestProcess process : processes) {
            json.beginObject();
            json.field("uid", process.uid() & 0xffff_ffffL);
            json.field("pid", process.pid());
            json.field("ppid", process.ppid());
            json.field("pgid", process.pgid());
            json.field("threads", process.threads());
            json.field("c", process.cpuPercent());
            json.field("tty", process.tty());
            json.field("stime", process.startTimeSeconds());
            json.field("timeMillis", process.cpuTimeMillis());
            json.field("cmd", process.command());
            json.field("args", process.args());
            json.endObject();
        }
        json.endArray();
        return reply(json);
    }

    private static Reply reply(JsonText openObject) {
        return new Reply(openObject.endObject().text());
    }
}
