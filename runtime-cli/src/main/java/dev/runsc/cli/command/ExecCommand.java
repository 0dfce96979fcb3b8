package dev.runsc.cli.command;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.control.ControlClient;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.launch.BackgroundCommand;
import dev.runsc.cli.launch.Console;
import dev.runsc.cli.launch.SpecConversion;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.cli.lifecycle.Creation;
import dev.runsc.cli.lifecycle.Foreground;
import dev.runsc.cli.lifecycle.Foreground.TerminalUse;
import dev.runsc.cli.lifecycle.PidFile;
import dev.runsc.cli.oci.OciProcess;
import dev.runsc.cli.oci.OciReader;
import dev.runsc.cli.oci.OciSpec;
import dev.runsc.cli.wire.SpecCodec;
import dev.runsc.gofer.host.HostFd;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

/** {@code exec ID COMMAND}: runs another process in a container. */
final class ExecCommand implements Command {
    /** Given by a detached exec to the copy of itself that stays behind. */
    private static final String READY_FD = "--ready-fd";

    @Override
    public void declare(Options options) {
        options.about("Runs another process in a container.");
        options.value("DIR", "working directory", "--cwd");
        options.list("NAME=VALUE", "set an environment variable", "--env", "-e");
        options.value("UID[:GID]", "user to run as", "--user", "-u");
        options.list("GID", "further groups", "--additional-gids", "-g");
        options.list("NAME", "add a capability", "--cap", "-c");
        options.flag("attach a terminal", "--tty", "-t");
        options.flag("return once the process runs", "--detach", "-d");
        options.value("FILE", "read the process object from a file", "--process", "-p");
        options.value("FILE", "write the pid of the waiting process there", "--pid-file");
        options.value("FILE", "write the pid within the container there", "--internal-pid-file");
        options.value("SOCKET", "unix socket that gets the terminal's master", "--console-socket");
        options.flag("forbid gaining privileges", "--no-new-privs");
        options.list("HOST:GUEST", "give the process a descriptor", "--pass-fd");
        options.value("N", "give the process descriptors 3 to 2+N too", "--preserve-fds");
        options.value("N", "run the program in this descriptor", CreateOptions.EXEC_FD);
        options.ignoredValue(READY_FD);
        options.words("ID COMMAND...", "the container and what to run");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        boolean fromFile = arguments.find("--process") != null;
        arguments.requireWords(
                fromFile ? 1 : 2, -1, fromFile ? "container id" : "container id and command");
        ContainerState state = new Containers(config.root()).load(arguments.words().getFirst());
        Containers.require(
                state, "exec in", EnumSet.of(ContainerStatus.CREATED, ContainerStatus.RUNNING));
        String ready = arguments.find(READY_FD);
        if (arguments.is("--detach") && ready == null) {
            return BackgroundCommand.run(
                    config.flags(),
                    "exec",
                    arguments.original(),
                    READY_FD,
                    CreateOptions.ownDescriptors(arguments));
        }
        OciSpec spec = OciReader.read("spec of " + state.id(), state.specBytes());
        OciProcess process = ExecProcess.of(spec.process(), arguments);
        Map<Integer, Integer> descriptors =
                CreateOptions.descriptors(arguments, process.terminal(), ready != null);
        int pid = start(state, process, descriptors);
        TerminalUse terminal = Creation.terminalUse(process.terminal(), descriptors);
        Integer input = descriptors.get(0);
        if (terminal == TerminalUse.OTHER && input != null && ready != null) {
            // In a session of its own: changes of the size come here.
            Console.takeAsControlling(input);
        }
        try (Foreground foreground = Foreground.begin(state, pid, terminal)) {
            foreground.forwardSignals();
            Path internal = arguments.findPath("--internal-pid-file");
            if (internal != null) {
                PidFile.write(internal, pid);
            }
            Path pidFile = arguments.findPath("--pid-file");
            if (pidFile != null) {
                PidFile.write(pidFile, (int) ProcessHandle.current().pid());
            }
            if (ready != null) {
                BackgroundCommand.tellReady(arguments.number(READY_FD, 0, 3, Integer.MAX_VALUE));
                return awaitSilently(foreground);
            }
            return foreground.await();
        }
    }

    /** Whoever called has gone on: what ends a container is not for his terminal. */
    private static int awaitSilently(Foreground foreground) {
        try {
            return foreground.await();
        } catch (Failure e) {
            DebugLog.write(String.valueOf(e.getMessage()));
            return Failure.EXIT_CODE;
        }
    }

    private static int start(
            ContainerState state, OciProcess process, Map<Integer, Integer> descriptors)
            throws Failure {
        JsonText json = new JsonText().beginObject().field("id", state.id()).name("process");
        SpecCodec.write(json, SpecConversion.process(process));
        json.name("descriptors").beginArray();
        List<Integer> hosts = new ArrayList<>();
        for (Map.Entry<Integer, Integer> entry : descriptors.entrySet()) {
            json.value(entry.getKey());
            hosts.add(entry.getValue());
        }
        json.endArray().endObject();
        Path socket = Path.of(state.sandbox().controlSocket());
        try (ControlClient client = ControlClient.connect(socket)) {
            ControlClient.Answer answer =
                    client.call(
                            Methods.EXECUTE_ASYNC,
                            json.text(),
                            hosts.stream().mapToInt(Integer::intValue).toArray());
            answer.descriptors().forEach(HostFd::close);
            return pid(answer.reader());
        } catch (ControlFault e) {
            throw new Failure("executing in container: " + e.getMessage(), e);
        }
    }

    private static int pid(JsonReader in) throws Failure {
        try {
            int pid = 0;
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                if (name.equals("pid")) {
                    pid = in.integer(1, Integer.MAX_VALUE);
                } else {
                    in.skip();
                }
            }
            return pid;
        } catch (JsonFault e) {
            throw new Failure("executing in container: " + e.getMessage(), e);
        }
    }
}
