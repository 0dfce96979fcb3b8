package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.control.Methods;

/** {@code write-control ID CONTROLLER CGROUP FILE VALUE}. */
final class WriteControlCommand implements Command {
    private static final int WORDS = 5;

    @Override
    public void declare(Options options) {
        options.about("Writes to a file of a control group that the container's kernel has.");
        options.words(
                "ID CONTROLLER CGROUP FILE VALUE",
                "the container, a controller such as pids, the group from the container's root"
                        + " (/), the file, such as pids.max, and what to write to it");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(WORDS, WORDS, "container id, controller, cgroup, file and value");
        ControlFiles.call(config, Methods.CGROUPS_WRITE, arguments.words());
        return 0;
    }
}
