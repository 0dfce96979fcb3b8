package dev.runsc.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Whole commands around a program that does nothing. */
final class Starts implements Part {
    /** Commands are short: each is measured more than once in a turn. */
    private static final int REPEATS = 3;

    private static final String PROGRAM = "/bin/true";

    private final Shell shell;
    private final Path scratch;

    Starts(Shell shell, Path scratch) {
        this.shell = shell;
        this.scratch = scratch;
    }

    @Override
    public Set<Figure> figures() {
        return EnumSet.of(Figure.RUN, Figure.DO, Figure.LIFE);
    }

    @Override
    public boolean suits(Contestant contestant) {
        return true;
    }

    @Override
    public void measure(Contestant contestant, Set<Figure> wanted, Samples into)
            throws IOException, InterruptedException {
        if (!contestant.isRuntime()) {
            if (wanted.contains(Figure.RUN)) {
                into.add(Figure.RUN, contestant, shell.time(List.of(PROGRAM)));
            }
            return;
        }
        String bundle = "--bundle=" + Bundles.write(scratch, "true", List.of(PROGRAM));
        for (int i = 0; i < REPEATS; i++) {
            if (wanted.contains(Figure.RUN)) {
                List<String> words = List.of("run", bundle, "start-" + i);
                into.add(Figure.RUN, contestant, shell.time(contestant.words(scratch, words)));
            }
            if (wanted.contains(Figure.LIFE)) {
                into.add(Figure.LIFE, contestant, life(contestant, bundle, "life-" + i));
            }
            if (wanted.contains(Figure.DO) && contestant.isSandbox()) {
                List<String> words = List.of("do", PROGRAM);
                into.add(Figure.DO, contestant, shell.time(contestant.words(scratch, words)));
            }
        }
    }

    private double life(Contestant contestant, String bundle, String id)
            throws IOException, InterruptedException {
        double nanos = shell.time(contestant.words(scratch, List.of("create", bundle, id)));
        nanos += shell.time(contestant.words(scratch, List.of("start", id)));
        return nanos + shell.time(contestant.words(scratch, List.of("delete", "--force", id)));
    }
}
