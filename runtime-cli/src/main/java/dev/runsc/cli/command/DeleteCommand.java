package dev.runsc.cli.command;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerLock;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.container.StateDirectory;
import dev.runsc.cli.lifecycle.Containers;

/** {@code delete ID...}: removes what is left of containers; with force also what runs. */
final class DeleteCommand implements Command {
    @Override
    public void declare(Options options) {
        options.about("Deletes containers that have stopped, or were never started.");
        options.flag("kill running ones; missing ones are no error", "--force", "-f");
        options.words("ID...", "the containers");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(1, -1, "container id");
        boolean force = arguments.is("--force");
        Containers containers = new Containers(config.root());
        Failure first = null;
        for (String reference : arguments.words()) {
            try {
                delete(containers, reference, force);
            } catch (Failure e) {
                // The others are still to go.
                if (first == null) {
                    first = e;
                } else {
                    System.err.println(e.getMessage());
                }
            }
        }
        if (first != null) {
            throw first;
        }
        return 0;
    }

    private static void delete(Containers containers, String reference, boolean force)
            throws Failure {
        StateDirectory directory = containers.directory();
        String id;
        try {
            id = directory.resolve(reference);
        } catch (Failure e) {
            if (force && e.getMessage().endsWith("does not exist")) {
                DebugLog.write("no such container: " + reference);
                containers.destroyRemains(reference);
                return;
            }
            throw e;
        }
        try (ContainerLock lock = directory.lock(id)) {
            ContainerState state;
            try {
                state = containers.check(directory.read(id));
            } catch (Failure e) {
                if (!force) {
                    throw e;
                }
                // A file that cannot be read names no process to end; it must not stay for ever.
                DebugLog.write(e.getMessage());
                directory.remove(id, lock);
                return;
            }
            boolean idle =
                    state.status() == ContainerStatus.STOPPED
                            || state.status() == ContainerStatus.CREATED;
            if (!idle && !force) {
                throw new Failure(
                        "cannot delete container that is not stopped without --force flag");
            }
            containers.destroy(state, lock);
        }
    }
}
