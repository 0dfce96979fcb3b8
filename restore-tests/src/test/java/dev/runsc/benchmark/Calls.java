package dev.runsc.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Single operations, which a program inside measures itself. */
final class Calls implements Part {
    private static final Set<Figure> FIGURES = EnumSet.range(Figure.GETPID, Figure.THREAD);

    private final Shell shell;
    private final Path program;
    private final Path scratch;

    /**
     * @param program calls.c, built
     */
    Calls(Shell shell, Path program, Path scratch) {
        this.shell = shell;
        this.program = program;
        this.scratch = scratch;
    }

    @Override
    public Set<Figure> figures() {
        return FIGURES;
    }

    @Override
    public boolean suits(Contestant contestant) {
        return contestant.kind() != Contestant.Kind.CONTAINERS;
    }

    @Override
    public void measure(Contestant contestant, Set<Figure> wanted, Samples into)
            throws IOException, InterruptedException {
        List<String> names =
                wanted.stream()
                        .filter(figure -> figure != Figure.GETPID_SIGNAL)
                        .map(Figure::word)
                        .toList();
        if (!names.isEmpty()) {
            for (String line : shell.read(words(contestant, List.of(), names))) {
                int space = line.indexOf(' ');
                String name = line.substring(0, space).toUpperCase(Locale.ROOT);
                into.add(Figure.valueOf(name), contestant, number(line));
            }
        }
        if (wanted.contains(Figure.GETPID_SIGNAL) && contestant.kind() == Contestant.Kind.OURS) {
            List<String> flags = List.of("--rewrite-call-sites=false");
            List<String> lines =
                    shell.read(words(contestant, flags, List.of(Figure.GETPID.word())));
            into.add(Figure.GETPID_SIGNAL, contestant, number(lines.getFirst()));
        }
    }

    private List<String> words(Contestant contestant, List<String> flags, List<String> names) {
        Stream<String> inside = Stream.concat(Stream.of(program.toString()), names.stream());
        if (!contestant.isRuntime()) {
            return inside.toList();
        }
        Stream<String> command = Stream.concat(flags.stream(), Stream.of("do"));
        return contestant.words(scratch, Stream.concat(command, inside).toList());
    }

    private static double number(String line) {
        return Double.parseDouble(line.substring(line.indexOf(' ') + 1));
    }
}
