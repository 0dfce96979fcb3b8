package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.lifecycle.Containers;
import java.util.EnumSet;
import java.util.List;

/** {@code kill ID [SIGNAL]}. */
final class KillCommand implements Command {
    @Override
    public void declare(Options options) {
        options.about("Sends a signal to a container.");
        options.flag("to all processes", "--all", "-a");
        options.value("PID", "to this process of the container", "--pid");
        options.value("PGID", "to this process group of the container", "--pgid");
        options.words("ID [SIGNAL]", "the container, and a name or number (default: TERM)");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(1, 2, "container id");
        List<String> words = arguments.words();
        int pid = arguments.number("--pid", 0, 1, Integer.MAX_VALUE);
        int group = arguments.number("--pgid", 0, 1, Integer.MAX_VALUE);
        boolean all = arguments.is("--all");
        if ((all ? 1 : 0) + (pid != 0 ? 1 : 0) + (group != 0 ? 1 : 0) > 1) {
            throw new Failure("it is invalid to specify more than one of --all, --pid, and --pgid");
        }
        int signal = SignalNames.require(words.size() > 1 ? words.get(1) : "TERM");
        ContainerState state = new Containers(config.root()).load(words.getFirst());
        EnumSet<ContainerStatus> allowed =
                pid != 0 || group != 0
                        ? EnumSet.of(ContainerStatus.RUNNING)
                        : EnumSet.of(ContainerStatus.RUNNING, ContainerStatus.STOPPED);
        Containers.require(state, "signal", allowed);
        if (state.status() == ContainerStatus.STOPPED) {
            if (all) {
                // Nothing is left to get it, and engines ask this way whether that is so.
                return 0;
            }
            throw new Failure("sandbox is not running");
        }
        String mode = all ? "all" : group != 0 ? "group" : "process";
        JsonText json = new JsonText().beginObject().field("id", state.id());
        json.field("pid", group != 0 ? group : pid).field("signal", signal).field("mode", mode);
        Containers.call(state, Methods.SIGNAL, json.endObject().text());
        return 0;
    }
}
