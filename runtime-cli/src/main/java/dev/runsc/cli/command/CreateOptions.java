package dev.runsc.cli.command;

import dev.runsc.cli.base.CallerDescriptors;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.image.Restorer;
import dev.runsc.cli.launch.Console;
import dev.runsc.cli.launch.SavedFiles;
import dev.runsc.cli.lifecycle.Creation;
import dev.runsc.cli.oci.OciSpec;
import dev.runsc.cli.oci.RootfsArchive;
import dev.runsc.kernel.ProcessSpec;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The options that create, run and restore share. */
final class CreateOptions {
    static final String BUNDLE = "--bundle";
    static final String PID_FILE = "--pid-file";
    static final String USER_LOG = "--user-log";
    static final String CONSOLE_SOCKET = "--console-socket";
    static final String EXEC_FD = "--exec-fd";
    static final String FILES = "--fs-restore-image-path";

    /** As many as fit beside a sandbox's own descriptors. */
    private static final int GUEST_FD_MAX = 1023;

    private CreateOptions() {}

    static void declare(Options options) {
        options.value("DIR", "folder with config.json and root (default: .)", BUNDLE, "-b");
        options.value(
                "FILE", "write the sandbox's pid there once the container is created", PID_FILE);
        options.value("SOCKET", "unix socket that gets the terminal's master", CONSOLE_SOCKET);
        options.value(
                "FILE",
                "where to tell of system calls that programs miss, and of programs that cannot be"
                        + " loaded",
                USER_LOG);
        options.list("HOST:GUEST", "give the first process a descriptor", "--pass-fd");
        options.value("N", "give the first process descriptors 3 to 2+N too", "--preserve-fds");
        options.ignoredFlag("--no-pivot");
        options.ignoredFlag("--no-new-keyring");
    }

    /** What create and run have for containers whose file systems do not begin empty. */
    static void declareFiles(Options options) {
        options.value(
                "DIR",
                "snapshot store: fill file systems in memory from what fscheckpoint has saved there",
                FILES);
        options.ignoredFlag("--fs-restore-direct");
    }

    /** The image or archive that is wanted; null when none is. */
    static @Nullable SavedFiles files(
            RuntimeConfig config, Arguments arguments, OciSpec spec, String id, Stages stages)
            throws Failure {
        Path store = arguments.findPath(FILES);
        Path archive = RootfsArchive.of(spec, id, config.rootfsArchive());
        if (store != null && archive != null) {
            throw new Failure(FILES + " and an annotation both say what the root begins with");
        }
        if (archive != null) {
            return new SavedFiles(Donation.read(archive), null);
        }
        return store == null ? null : Restorer.loadFiles(config, stages, store);
    }

    /** What runc passes on to CRIU, for which there is no need here: all of a sandbox is saved. */
    static void declareCriu(Options options) {
        options.ignoredValue("--work-path");
        options.ignoredFlag("--file-locks");
        options.ignoredFlag("--tcp-established");
        options.ignoredFlag("--ext-unix-sk");
        options.ignoredFlag("--shell-job");
        options.ignoredFlag("--auto-dedup");
        options.ignoredValue("--manage-cgroups-mode");
        options.ignoredValue("--empty-ns");
    }

    /**
     * Host descriptors by guest number: standard ones, or a terminal, and those passed.
     *
     * @param terminal whether the process wants a terminal
     * @param detached whether this command ends before the process: then our own terminal will not
     *     do
     */
    static Map<Integer, Integer> descriptors(
            Arguments arguments, boolean terminal, boolean detached) throws Failure {
        Map<Integer, Integer> descriptors = ownDescriptors(arguments);
        Path console = arguments.findPath(CONSOLE_SOCKET);
        if (console != null && !terminal) {
            throw new Failure("--console-socket is of use only with process.terminal");
        }
        if (terminal && console == null && detached) {
            throw new Failure("process.terminal needs --console-socket when detached");
        }
        if (console != null) {
            // Stays open until this command ends: the sandbox gets a copy.
            int replica = Console.open(console).release();
            for (int fd = 0; fd <= 2; fd++) {
                descriptors.put(fd, replica);
            }
        }
        return descriptors;
    }

    /** Standard ones and those passed, whatever becomes of a terminal. */
    static Map<Integer, Integer> ownDescriptors(Arguments arguments) throws Failure {
        Map<Integer, Integer> descriptors = Creation.ownStandardDescriptors();
        int more = arguments.number("--preserve-fds", 0, 0, GUEST_FD_MAX - 2);
        for (int fd = 3; fd < 3 + more; fd++) {
            descriptors.put(fd, CallerDescriptors.require("--preserve-fds", fd));
        }
        int program = arguments.number(EXEC_FD, -1, -1, Integer.MAX_VALUE);
        if (program >= 0) {
            descriptors.put(ProcessSpec.PROGRAM, CallerDescriptors.require(EXEC_FD, program));
        }
        for (String pair : arguments.all("--pass-fd")) {
            int colon = pair.indexOf(':');
            try {
                int host = Integer.parseInt(colon < 0 ? pair : pair.substring(0, colon));
                int guest = colon < 0 ? host : Integer.parseInt(pair.substring(colon + 1));
                if (host < 0 || guest < 0 || guest > GUEST_FD_MAX) {
                    throw new Failure("invalid value \"" + pair + "\" for flag --pass-fd");
                }
                descriptors.put(guest, CallerDescriptors.require("--pass-fd", host));
            } catch (NumberFormatException e) {
                throw new Failure("invalid value \"" + pair + "\" for flag --pass-fd", e);
            }
        }
        return descriptors;
    }
}
