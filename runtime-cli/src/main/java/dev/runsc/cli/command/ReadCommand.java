package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.gofer.host.HostFd;
import java.util.EnumSet;

/** {@code read ID PATH}: bytes of a file in a container. */
final class ReadCommand implements Command {
    private static final int STANDARD_OUTPUT = 1;

    @Override
    public void declare(Options options) {
        options.about("Prints bytes of a regular file in a container.");
        options.value("N", "from the Nth byte on (default: 0)", "--offset");
        options.value("N", "N bytes at most (default: all)", "--size");
        options.words("ID PATH", "the container, and the file from its root");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(2, 2, "container id and path");
        String path = arguments.words().get(1);
        if (!path.startsWith("/")) {
            throw new Failure("path is not absolute: " + path);
        }
        long offset = number(arguments, "--offset", 0);
        long size = number(arguments, "--size", -1);
        ContainerState state = new Containers(config.root()).load(arguments.words().getFirst());
        Containers.require(
                state,
                "read in",
                EnumSet.of(
                        ContainerStatus.CREATED, ContainerStatus.RUNNING, ContainerStatus.PAUSED));
        JsonText json = new JsonText().beginObject().field("id", state.id()).field("path", path);
        json.field("offset", offset).field("size", size);
        // Stays open: it is our standard output.
        HostFd output = HostFd.own(STANDARD_OUTPUT);
        Donation.call(state, Methods.FS_READ, json.endObject().text(), output);
        return 0;
    }

    private static long number(Arguments arguments, String flag, long otherwise) throws Failure {
        String text = arguments.find(flag);
        if (text == null) {
            return otherwise;
        }
        try {
            long number = Long.parseLong(text);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new Failure("invalid value \"" + text + "\" for flag " + flag, e);
        }
        throw new Failure("invalid value \"" + text + "\" for flag " + flag);
    }
}
