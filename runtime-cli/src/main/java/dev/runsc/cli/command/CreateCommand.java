package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.config.FlagAnnotations;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.launch.SavedFiles;
import dev.runsc.cli.lifecycle.Creation;
import dev.runsc.cli.lifecycle.PidFile;
import dev.runsc.cli.oci.OciReader;
import dev.runsc.cli.oci.OciSpec;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** {@code create ID}: makes a container that waits for {@code start}. */
final class CreateCommand implements Command {
    @Override
    public void declare(Options options) {
        options.about("Creates a container from a bundle; start lets it run.");
        CreateOptions.declare(options);
        CreateOptions.declareFiles(options);
        options.words("ID", "name of the new container");
    }

    @Override
    public int run(RuntimeConfig given, Arguments arguments) throws Failure {
        String id = arguments.only("container id");
        Path bundle = arguments.path(CreateOptions.BUNDLE, ".");
        Stages stages = new Stages();
        OciSpec spec = OciReader.readBundle(bundle);
        RuntimeConfig config = FlagAnnotations.apply(given, spec.annotations());
        if (config.rootless()) {
            throw new Failure("Rootless mode not supported with \"create\"");
        }
        stages.end("read spec");
        try (SavedFiles files = CreateOptions.files(config, arguments, spec, id, stages);
                Creation creation =
                        Creation.begin(config, request(arguments, id, bundle, spec, files))) {
            stages.end("spawn sandbox and gofer");
            creation.awaitCreated(stages);
            creation.letGo();
            Path pidFile = arguments.findPath(CreateOptions.PID_FILE);
            if (pidFile != null) {
                PidFile.write(pidFile, creation.state().sandbox().process().pid());
            }
        }
        stages.end("let go");
        Timings.print(config, stages, "create of " + id);
        return 0;
    }

    private static Creation.Request request(
            Arguments arguments, String id, Path bundle, OciSpec spec, @Nullable SavedFiles files)
            throws Failure {
        return new Creation.Request(
                id,
                bundle,
                spec,
                false,
                CreateOptions.descriptors(arguments, spec.process().terminal(), true),
                arguments.findPath(CreateOptions.USER_LOG),
                files);
    }
}
