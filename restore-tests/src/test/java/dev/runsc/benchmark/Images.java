package dev.runsc.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A Python with a large heap is saved into an empty folder, ends, and is brought back. */
final class Images implements Part {
    private final Shell shell;
    private final Path script;
    private final Path scratch;

    /**
     * @param script heap.py
     */
    Images(Shell shell, Path script, Path scratch) {
        this.shell = shell;
        this.script = script;
        this.scratch = scratch;
    }

    @Override
    public Set<Figure> figures() {
        return EnumSet.range(Figure.CHECKPOINT, Figure.IMAGE);
    }

    @Override
    public boolean suits(Contestant contestant) {
        return contestant.isSandbox();
    }

    @Override
    public void measure(Contestant contestant, Set<Figure> wanted, Samples into)
            throws IOException, InterruptedException {
        List<String> python = List.of("/usr/bin/python3", "-c", Files.readString(script));
        String bundle = "--bundle=" + Bundles.writeHost(scratch.resolve("python"), python);
        Path image = Files.createDirectory(scratch.resolve("image"));
        String imageFlag = "--image-path=" + image;
        try {
            List<String> run = List.of("run", bundle, "saved");
            List<String> checkpoint = List.of("checkpoint", imageFlag, "saved");
            try (Shell.Running running = shell.start(contestant.words(scratch, run))) {
                running.awaitLine();
                double nanos = shell.time(contestant.words(scratch, checkpoint));
                into.add(Figure.CHECKPOINT, contestant, nanos);
                running.awaitEnd();
            }
            into.add(Figure.IMAGE, contestant, size(image));
            List<String> restore = List.of("restore", bundle, imageFlag, "restored");
            try (Shell.Running running = shell.start(contestant.words(scratch, restore))) {
                into.add(Figure.RESTORE, contestant, running.awaitLine());
                if (contestant.kind() == Contestant.Kind.OURS
                        && wanted.contains(Figure.CHECKPOINT_AGAIN)) {
                    List<String> again = List.of("checkpoint", imageFlag, "restored");
                    double nanos = shell.time(contestant.words(scratch, again));
                    into.add(Figure.CHECKPOINT_AGAIN, contestant, nanos);
                } else {
                    shell.tryTo(contestant.words(scratch, List.of("kill", "restored", "KILL")));
                }
                running.awaitEnd();
            }
        } finally {
            for (String id : List.of("saved", "restored")) {
                shell.tryTo(contestant.words(scratch, List.of("delete", "--force", id)));
            }
            removeTree(image);
        }
    }

    private static double size(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            double bytes = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
            return bytes;
        }
    }

    static void removeTree(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
