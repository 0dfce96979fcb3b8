package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.control.Methods;

/** {@code read-control ID CONTROLLER CGROUP FILE}. */
final class ReadControlCommand implements Command {
    private static final int WORDS = 4;

    @Override
    public void declare(Options options) {
        options.about("Prints a file of a control group that the container's kernel has.");
        options.words(
                "ID CONTROLLER CGROUP FILE",
                "the container, a controller such as memory, the group from the container's root"
                        + " (/), and the file, such as memory.max");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(WORDS, WORDS, "container id, controller, cgroup and file");
        System.out.print(ControlFiles.call(config, Methods.CGROUPS_READ, arguments.words()));
        System.out.flush();
        return 0;
    }
}
