package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.image.Restorer;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.gofer.host.HostFd;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code tar rootfs-upper ID}: what a container has changed in its root, or had when a snapshot was
 * taken of it.
 */
final class TarCommand implements Command {
    private static final String ROOTFS_UPPER = "rootfs-upper";
    private static final String IMAGE = "--image-path";
    private static final String SNAPSHOT = "--snapshot";

    @Override
    public void declare(Options options) {
        options.about("Writes what a container has changed in its root as a tar archive.");
        options.value("FILE", "the archive", "--file", "-f");
        options.value(
                "DIR",
                "read a snapshot of this store, not a container that runs; nothing of it runs then",
                IMAGE);
        options.value("SNAPSHOT", "id or name of the snapshot (default: the newest)", SNAPSHOT);
        options.words(
                "rootfs-upper --file FILE ID | rootfs-upper --file FILE --image-path DIR [NAME]",
                "the layer over the root, with whiteouts as OCI images have them; of a snapshot with"
                        + " several containers the one of that name");
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
        Path file = path("--file", inner, arguments);
        if (file == null) {
            throw new Failure("runsc tar: --file is required");
        }
        Path image = path(IMAGE, inner, arguments);
        String snapshot = inner.find(SNAPSHOT);
        if (snapshot == null) {
            snapshot = arguments.find(SNAPSHOT);
        }
        if (image == null) {
            if (snapshot != null) {
                throw new Failure("runsc tar: " + SNAPSHOT + " needs " + IMAGE);
            }
            return ofContainer(config, inner.only("container id"), file);
        }
        inner.requireWords(0, 1, "[NAME]");
        String name = inner.words().isEmpty() ? null : inner.words().getFirst();
        Restorer.extractUpper(config, image, snapshot, name, () -> Donation.create(file));
        return 0;
    }

    private static @Nullable Path path(String flag, Arguments inner, Arguments outer)
            throws Failure {
        Path path = inner.findPath(flag);
        return path == null ? outer.findPath(flag) : path;
    }

    private static int ofContainer(RuntimeConfig config, String id, Path file) throws Failure {
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
