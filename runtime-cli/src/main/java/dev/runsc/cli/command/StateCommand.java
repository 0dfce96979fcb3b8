package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.cli.lifecycle.OciState;

/** {@code state ID}: the state as the runtime specification wants it. */
final class StateCommand implements Command {
    @Override
    public void declare(Options options) {
        options.about("Shows the state of a container as JSON.");
        options.words("ID", "the container");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        Containers containers = new Containers(config.root());
        ContainerState state = containers.load(arguments.only("container id"));
        System.out.println(OciState.indented(state));
        return 0;
    }
}
