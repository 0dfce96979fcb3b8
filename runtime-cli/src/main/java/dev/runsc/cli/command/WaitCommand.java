package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.cli.lifecycle.Foreground;

/** {@code wait ID}: waits for the end of a container or of one of its processes, or for a pause. */
final class WaitCommand implements Command {
    @Override
    public void declare(Options options) {
        options.about("Waits for the end of a container, or of a process in it.");
        options.value("PID", "wait for this process of the container", "--pid");
        options.flag("wait until the container is paused, or has ended", "--paused");
        options.words("ID", "the container");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        int pid = arguments.number("--pid", 0, 1, Integer.MAX_VALUE);
        Containers containers = new Containers(config.root());
        ContainerState state = containers.loadUnchecked(arguments.only("container id"));
        if (arguments.is("--paused")) {
            System.out.println(pauseOf(containers, state));
            return 0;
        }
        JsonText json = new JsonText().beginObject().field("id", state.id());
        if (pid != 0) {
            json.field("pid", pid);
        }
        String method = pid == 0 ? Methods.WAIT : Methods.WAIT_PID;
        int status =
                Foreground.waitStatus(
                        Containers.call(state, method, json.endObject().text()).reader());
        JsonText out = new JsonText().beginObject().field("id", state.id());
        out.field("exitStatus", Foreground.exitCode(status)).endObject();
        System.out.println(out.text());
        return 0;
    }

    /** Waits for a pause; a container that has ended has none. */
    private static String pauseOf(Containers containers, ContainerState state) throws Failure {
        try {
            return Containers.call(state, Methods.WAIT_PAUSED, Containers.idArguments(state))
                    .result();
        } catch (Failure e) {
            if (containers.check(state).status() == ContainerStatus.STOPPED) {
                return new JsonText().beginObject().field("paused", false).endObject().text();
            }
            throw e;
        }
    }
}
