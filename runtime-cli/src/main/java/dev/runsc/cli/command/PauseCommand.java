package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerLock;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.container.StateDirectory;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.lifecycle.Containers;
import java.util.EnumSet;

/** {@code pause ID}. */
final class PauseCommand implements Command {
    @Override
    public void declare(Options options) {
        options.about("Stops all processes of a container, and its time.");
        options.words("ID", "the container");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        Containers containers = new Containers(config.root());
        StateDirectory directory = containers.directory();
        String id = directory.resolve(arguments.only("container id"));
        try (ContainerLock lock = directory.lock(id)) {
            ContainerState state = containers.check(directory.read(id));
            Containers.require(state, "pause", EnumSet.of(ContainerStatus.RUNNING));
            Containers.call(state, Methods.PAUSE, "{}");
            directory.write(state.withStatus(ContainerStatus.PAUSED), lock);
        }
        return 0;
    }
}
