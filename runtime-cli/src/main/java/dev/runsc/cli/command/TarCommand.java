package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.gofer.host.HostFd;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;

/** {@code tar rootfs-upper ID}: what a container has changed in its root. */
final class TarCommand implements Command {
    private static final String ROOTFS_UPPER = "rootfs-upper";

    @Override
    public void declare(Options options) {
        options.about("Writes what a container has changed in its root as a tar archive.");
        options.value("FILE", "the archive", "--file", "-f");
        options.words(
                "rootfs-upper [--file FILE] ID",
                "the layer over the root, with whiteouts as OCI images have them");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(1, -1, ROOTFS_UPPER);
        List<String> words = arguments.words();
        if (!words.getFirst().equals(ROOTFS_UPPER)) {
            throw new Failure("runsc tar: unknown subcommand \"" + words.getFirst() + "\"");
        }
        // Flags may stand behind the second word of the command too.
        Options options = new Options("tar " + ROOTFS_UPPER);
        declare(options);
        Arguments inner = Arguments.parse(options, words.subList(1, words.size()));
        if (inner.isHelpRequested()) {
            System.out.print(Usage.text(options));
            return 0;
        }
        String id = inner.only("container id");
        Path file = inner.findPath("--file");
        if (file == null) {
            file = arguments.findPath("--file");
        }
        if (file == null) {
            throw new Failure("runsc tar: --file is required");
        }
        ContainerState state = new Containers(config.root()).load(id);
        Containers.require(
                state,
                "archive",
                EnumSet.of(
                        ContainerStatus.CREATED, ContainerStatus.RUNNING, ContainerStatus.PAUSED));
        try (HostFd archive = Donation.create(file)) {
            Donation.call(
                    state, Methods.FS_TAR_ROOTFS_UPPER, Containers.idArguments(state), archive);
        }
        return 0;
    }
}
