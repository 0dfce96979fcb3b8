package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.base.ProgressLine;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.lifecycle.Creation;
import dev.runsc.cli.oci.OciReader;
import dev.runsc.cli.oci.OciSpec;
import dev.runsc.cli.oci.SpecText;
import dev.runsc.cli.oci.SpecText.Volume;
import dev.runsc.gofer.host.HostRandom;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code do COMMAND}: runs a command on the host's files; what it writes is gone afterwards. */
final class DoCommand implements Command {
    private static final String FORCE_OVERLAY = "--force-overlay";
    private static final String VOLUME = "--volume";
    private static final String EROFS = "--erofs";

    private static final String LOCALE = "LC_ALL";

    /** Where the launcher leaves what the caller has in LC_ALL; empty for nothing. */
    private static final String CALLER_LOCALE = "RUNSC_LC_ALL";

    private static final int IDS = 1_000_000;

    @Override
    public void declare(Options options) {
        options.about(
                "Runs a command in a sandbox on the host's files. Its writes stay in memory.");
        options.value("DIR", "root of the sandbox (default: /)", "--root");
        options.value("DIR", "working directory (default: .)", "--cwd");
        options.flag("say nothing besides", "--quiet", "-q");
        options.flag("keep all writes in memory (default: true)", FORCE_OVERLAY);
        options.list("SRC[:DST]", "bind a file or folder of the host into it", VOLUME);
        options.list("SRC:DST", "mount an EROFS image of the host in it", EROFS);
        options.ignoredValue("--ip");
        options.words("COMMAND...", "what to run");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(1, -1, "command");
        Path root = arguments.path("--root", "/");
        Path cwd = arguments.path("--cwd", ".");
        if (!Files.isDirectory(root)) {
            throw new Failure("root \"" + root + "\" is not a directory");
        }
        Path inside = cwd.startsWith(root) ? Path.of("/").resolve(root.relativize(cwd)) : cwd;
        List<String> environment = new ArrayList<>();
        callerEnvironment().forEach((name, value) -> environment.add(name + "=" + value));
        String text =
                SpecText.write(
                        new SpecText.Parameters(
                                arguments.words(),
                                environment,
                                inside.toString(),
                                root.toString(),
                                false,
                                isTerminal(),
                                true,
                                "",
                                "",
                                false,
                                volumes(arguments)));
        OciSpec spec = OciReader.read("spec", text.getBytes(StandardCharsets.UTF_8));
        int number = IDS + Math.floorMod(new HostRandom().nextLong(), IDS);
        String id = "runsc-" + Integer.toString(number).substring(1);
        Creation.Request request =
                new Creation.Request(id, root, spec, false, Creation.ownStandardDescriptors());
        boolean overlay = arguments.text(FORCE_OVERLAY, "true").equals("true");
        return RunCommand.run(
                overlay ? config.withMemoryOverlay() : config, request, false, null, new Stages());
    }

    private static List<Volume> volumes(Arguments arguments) throws Failure {
        List<Volume> volumes = new ArrayList<>();
        addVolumes(arguments, VOLUME, volumes);
        addVolumes(arguments, EROFS, volumes);
        return volumes;
    }

    private static void addVolumes(Arguments arguments, String flag, List<Volume> volumes)
            throws Failure {
        boolean erofs = flag.equals(EROFS);
        for (String text : arguments.all(flag)) {
            int colon = text.indexOf(':');
            Path source = Path.of(colon < 0 ? text : text.substring(0, colon)).toAbsolutePath();
            String destination = colon < 0 ? source.toString() : text.substring(colon + 1);
            if (!destination.startsWith("/") || erofs && colon < 0) {
                throw new Failure("invalid value \"" + text + "\" for flag " + flag);
            }
            volumes.add(new Volume(source.normalize().toString(), destination, erofs));
        }
    }

    private static boolean isTerminal() {
        return ProgressLine.isTerminal(0)
                && ProgressLine.isTerminal(1)
                && ProgressLine.isTerminal(2);
    }

    /** What this command was called with, without what the launcher has changed. */
    private static Map<String, String> callerEnvironment() {
        Map<String, String> environment = new LinkedHashMap<>(System.getenv());
        String locale = environment.remove(CALLER_LOCALE);
        if (locale != null && locale.isEmpty()) {
            environment.remove(LOCALE);
        } else if (locale != null) {
            environment.put(LOCALE, locale);
        }
        return environment;
    }
}
