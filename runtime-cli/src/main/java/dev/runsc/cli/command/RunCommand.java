package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.config.FlagAnnotations;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.launch.SavedFiles;
import dev.runsc.cli.lifecycle.Creation;
import dev.runsc.cli.lifecycle.Foreground;
import dev.runsc.cli.lifecycle.PidFile;
import dev.runsc.cli.oci.OciReader;
import dev.runsc.cli.oci.OciSpec;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** {@code run ID}: create and start; in the foreground also wait and delete. */
final class RunCommand implements Command {
    @Override
    public void declare(Options options) {
        options.about("Creates and starts a container, and waits for its end unless detached.");
        CreateOptions.declare(options);
        CreateOptions.declareFiles(options);
        options.value("N", "run the program in this descriptor", CreateOptions.EXEC_FD);
        options.flag("return once the container runs", "--detach", "-d");
        options.words("ID", "name of the new container");
    }

    @Override
    public int run(RuntimeConfig given, Arguments arguments) throws Failure {
        String id = arguments.only("container id");
        Path bundle = arguments.path(CreateOptions.BUNDLE, ".");
        Stages stages = new Stages();
        OciSpec spec = OciReader.readBundle(bundle);
        RuntimeConfig config = FlagAnnotations.apply(given, spec.annotations());
        boolean detach = arguments.is("--detach");
        stages.end("read spec");
        try (SavedFiles files = CreateOptions.files(config, arguments, spec, id, stages)) {
            Creation.Request request =
                    new Creation.Request(
                            id,
                            bundle,
                            spec,
                            false,
                            CreateOptions.descriptors(arguments, spec.process().terminal(), detach),
                            arguments.findPath(CreateOptions.USER_LOG),
                            files);
            return run(config, request, detach, arguments.findPath(CreateOptions.PID_FILE), stages);
        }
    }

    /** Makes the container, starts it, and stays until it ends unless {@code detach}. */
    static int run(
            RuntimeConfig config,
            Creation.Request request,
            boolean detach,
            @Nullable Path pidFile,
            Stages stages)
            throws Failure {
        try (Creation creation = Creation.begin(config, request)) {
            stages.end("spawn sandbox and gofer");
            creation.awaitCreated(stages);
            if (pidFile != null) {
                PidFile.write(pidFile, creation.state().sandbox().process().pid());
            }
            return startAndWait(config, creation, detach, stages, "run");
        }
    }

    /**
     * Starts what was created or restored; the exit code of its first process, or 0 when detached.
     */
    static int startAndWait(
            RuntimeConfig config, Creation creation, boolean detach, Stages stages, String what)
            throws Failure {
        String title = what + " of " + creation.state().id();
        if (detach) {
            creation.start();
            creation.letGo();
            stages.end("start");
            Timings.print(config, stages, title);
            return 0;
        }
        try (Foreground foreground =
                Foreground.begin(creation.state(), 0, creation.terminalUse())) {
            foreground.forwardSignals();
            creation.start();
            creation.unlock();
            stages.end("start");
            Timings.print(config, stages, title);
            return foreground.await(creation::lastWords);
        }
    }
}
