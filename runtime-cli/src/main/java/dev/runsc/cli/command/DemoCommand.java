package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerLock;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.image.Checkpointer;
import dev.runsc.cli.image.Checkpointer.Wanted;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.cli.lifecycle.Creation;
import dev.runsc.cli.oci.OciReader;
import dev.runsc.cli.oci.OciSpec;
import dev.runsc.cli.oci.SpecText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * {@code demo}: a shell pipeline around a Python program runs on the host's files, is saved,
 * destroyed, and brought back twice. Nothing is prepared: this is create, checkpoint, delete and
 * restore as anyone calls them.
 */
final class DemoCommand implements Command {
    private static final String BEFORE = "demo";
    private static final List<String> AFTER = List.of("demo-a", "demo-b");
    private static final int LINES = 4;

    /**
     * A counter feeds a pipe; Python sums up in memory and keeps a file open; the shell numbers the
     * lines.
     */
    private static final String SCRIPT =
            """
            (n=0; while :; do n=$((n + 1)); echo $n; sleep 0.3; done) |
            python3 -u -c '
            import sys
            log = open("/tmp/runsc-demo.log", "w+")
            total = 0
            for line in sys.stdin:
                total += int(line)
                log.write(line)
                log.flush()
                print(f"got {int(line)}, sum in memory {total}, open file at byte {log.tell()}", flush=True)
            ' |
            while read -r line; do i=$((i + 1)); echo "line $i from the shell: $line"; done
            """;

    @Override
    public void declare(Options options) {
        options.about(
                "Runs a small program on the host's files (whose writes stay in memory), saves it,"
                        + " destroys it, and brings it back twice.");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(0, 0, "");
        for (String program : List.of("/bin/sh", "/usr/bin/python3")) {
            if (!Files.isExecutable(Path.of(program))) {
                throw new Failure("the demo runs " + program + ", which this host does not have");
            }
        }
        Path folder;
        try {
            folder = Files.createTempDirectory("runsc-demo-");
        } catch (IOException e) {
            throw new Failure("making a folder for the demo: " + Failure.reason(e), e);
        }
        try {
            new Demo(config.forDemo(folder.resolve("root")), folder.resolve("store")).run();
            return 0;
        } finally {
            deleteTree(folder);
        }
    }

    /** One showing, with its own root directory and store. */
    private static final class Demo {
        private final RuntimeConfig config;
        private final Path store;
        private final Containers containers;

        Demo(RuntimeConfig config, Path store) {
            this.config = config;
            this.store = store;
            this.containers = new Containers(config.root());
        }

        void run() throws Failure {
            try (LineReader lines = new LineReader()) {
                say("1. A shell pipeline and a Python program, on this host's files:");
                create(lines);
                lines.show(BEFORE, LINES);
                say("2. Checkpoint: it is saved and ends.");
                checkpoint();
            } finally {
                delete(BEFORE);
            }
            say("3. It is deleted; nothing of it is left but the snapshot.");
            try (LineReader first = new LineReader();
                    LineReader second = new LineReader()) {
                say("4. Restored twice, side by side:");
                restore(AFTER.get(0), first);
                restore(AFTER.get(1), second);
                first.show(AFTER.get(0), LINES);
                second.show(AFTER.get(1), LINES);
            } finally {
                AFTER.forEach(this::deleteQuietly);
            }
            say("Each went on where it was saved: counter, sum and file position.");
        }

        private void create(LineReader lines) throws Failure {
            Stages stages = new Stages();
            Creation.Request request = request(BEFORE, false, lines);
            stages.end("write spec");
            RunCommand.run(config, request, true, null, stages);
        }

        private void checkpoint() throws Failure {
            try (ContainerLock lock = containers.directory().lock(BEFORE)) {
                ContainerState state = containers.check(containers.directory().read(BEFORE));
                Checkpointer checkpointer =
                        new Checkpointer(
                                state, List.of(), new Wanted(store, false, null, null, null));
                checkpointer.checkpoint(CheckpointCommand.VERSION);
                containers.directory().write(state.withStatus(ContainerStatus.STOPPED), lock);
                Timings.print(config, checkpointer.stages(), "checkpoint of " + BEFORE);
            }
        }

        private void restore(String id, LineReader lines) throws Failure {
            Stages stages = new Stages();
            RestoreCommand.restoreNew(
                    config, request(id, true, lines), store, null, true, null, stages);
        }

        private Creation.Request request(String id, boolean forRestore, LineReader lines)
                throws Failure {
            String text =
                    SpecText.write(
                            new SpecText.Parameters(
                                    List.of("/bin/sh", "-c", SCRIPT),
                                    List.of("PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/root"),
                                    "/",
                                    "/",
                                    false,
                                    false,
                                    true,
                                    "demo",
                                    "",
                                    false,
                                    List.of()));
            OciSpec spec = OciReader.read("spec", text.getBytes(StandardCharsets.UTF_8));
            Map<Integer, Integer> descriptors = Creation.ownStandardDescriptors();
            descriptors.put(1, lines.writingEnd());
            return new Creation.Request(id, Path.of("/"), spec, forRestore, descriptors);
        }

        private void delete(String id) throws Failure {
            if (!containers.directory().list().contains(id)) {
                return;
            }
            try (ContainerLock lock = containers.directory().lock(id)) {
                containers.destroy(containers.directory().read(id), lock);
            }
        }

        private void deleteQuietly(String id) {
            try {
                delete(id);
            } catch (Failure e) {
                System.err.println("deleting " + id + ": " + e.getMessage());
            }
        }

        private static void say(String text) {
            System.out.println();
            System.out.println(text);
        }
    }

    /** Removes a folder with all that is in it. */
    static void deleteTree(Path folder) throws Failure {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new Failure("removing " + folder + ": " + Failure.reason(e), e);
        }
    }
}
