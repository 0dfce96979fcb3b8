package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerLock;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.container.StateDirectory;
import dev.runsc.cli.lifecycle.Containers;
import java.util.EnumSet;

/** {@code start ID}: lets a created container run. */
final class StartCommand implements Command {
    @Override
    public void declare(Options options) {
        options.about("Lets a created container run.");
        options.words("ID", "the container");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        Containers containers = new Containers(config.root());
        StateDirectory directory = containers.directory();
        String id = directory.resolve(arguments.only("container id"));
        try (ContainerLock lock = directory.lock(id)) {
            ContainerState state = containers.check(directory.read(id));
            Containers.require(state, "start", EnumSet.of(ContainerStatus.CREATED));
            containers.start(state);
            ContainerState started = state.withStatus(ContainerStatus.RUNNING);
            directory.write(started, lock);
            containers.afterStart(started, lock);
        }
        return 0;
    }
}
