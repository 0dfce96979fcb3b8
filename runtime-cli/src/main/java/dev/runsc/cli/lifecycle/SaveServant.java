package dev.runsc.cli.lifecycle;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.launch.BackgroundCommand;
import dev.runsc.cli.oci.OciReader;
import dev.runsc.cli.oci.SaveAnnotations;
import dev.runsc.cli.oci.SaveAnnotations.Kind;
import java.nio.file.Path;
import java.util.List;

/**
 * A sandbox has no store and no path of the host: where a configuration lets its programs ask for
 * saves, a process outside makes them, a copy of this program that lives as long as the sandbox.
 */
public final class SaveServant {
    /** The command that it runs, which is no user's. */
    public static final String COMMAND = "internal-save";

    /** It serves requests for saves of file systems, not of the sandbox. */
    public static final String FILES_FLAG = "--files";

    /** Where it says that it is there. */
    public static final String READY_FLAG = "--ready-fd";

    private SaveServant() {}

    /** Starts one for each kind of save that the configuration allows; before it runs. */
    static void begin(Path root, ContainerState state) throws Failure {
        for (Kind kind : Kind.values()) {
            begin(root, state, kind);
        }
    }

    private static void begin(Path root, ContainerState state, Kind kind) throws Failure {
        // Most configurations need not be read to be sure.
        if (!state.spec().contains(kind.prefix())) {
            return;
        }
        byte[] spec = state.specBytes();
        if (SaveAnnotations.of(OciReader.read("spec of " + state.id(), spec), kind) == null) {
            return;
        }
        String id = state.id();
        int code =
                BackgroundCommand.runSilently(
                        List.of("--root", root.toString()),
                        COMMAND,
                        kind == Kind.FILES ? List.of(FILES_FLAG, id) : List.of(id),
                        READY_FLAG);
        if (code != 0) {
            throw new Failure("nobody could be started to save container \"" + state.id() + "\"");
        }
    }
}
