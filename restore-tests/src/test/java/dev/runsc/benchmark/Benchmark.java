package dev.runsc.benchmark;

import dev.runsc.benchmark.Contestant.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The main program. Every part runs in turns: once in each system, then again from the start, the
 * other way round, so that what else the machine does falls on all of them.
 */
final class Benchmark {
    private static final List<String> GVISOR_FLAGS =
            List.of("--platform=ptrace", "--network=none", "--ignore-cgroups");

    private int rounds = 5;
    private Set<Figure> wanted = EnumSet.allOf(Figure.class);
    private final List<Contestant> contestants = new ArrayList<>();
    private final Set<String> notRun = new LinkedHashSet<>();
    private final Samples samples = new Samples();

    private Benchmark(Path launcher) {
        contestants.add(new Contestant("runsc", Kind.OURS, List.of(launcher.toString())));
    }

    /** Arguments: launcher, folder of the programs, folder of their sources, options. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Benchmark benchmark = new Benchmark(Path.of(args[0]));
        for (String option : List.of(args).subList(3, args.length)) {
            if (!benchmark.take(option)) {
                printUsage();
                System.exit(2);
            }
        }
        benchmark.findOthers();
        Path scratch = Files.createTempDirectory("runsc-benchmark-");
        try {
            benchmark.run(Path.of(args[1]), Path.of(args[2]), scratch);
        } finally {
            Images.removeTree(scratch);
        }
        benchmark.print();
    }

    private static void printUsage() {
        System.err.println(
                """
                usage: restore-tests/benchmark [--rounds=N] [--only=FIGURE,...] [--against=NAME=LAUNCHER]...
                  --rounds=N                how often each part is measured (default 5)
                  --only=FIGURE,...         some figures, of these:\
                """);
        System.err.println("      " + String.join(" ", wordsOfFigures()));
        System.err.println(
                "  --against=NAME=LAUNCHER   another build of ours, compared with this one");
    }

    private static List<String> wordsOfFigures() {
        return Figure.matching(_ -> true).stream().map(Figure::word).toList();
    }

    private boolean take(String option) {
        int equals = option.indexOf('=');
        String value = option.substring(equals + 1);
        switch (equals < 0 ? option : option.substring(0, equals)) {
            case "--rounds" -> rounds = Integer.parseInt(value);
            case "--only" -> {
                List<String> words = List.of(value.split(","));
                wanted = EnumSet.noneOf(Figure.class);
                wanted.addAll(Figure.matching(figure -> words.contains(figure.word())));
                return wordsOfFigures().containsAll(words);
            }
            case "--against" -> {
                int split = value.indexOf('=');
                if (split < 0) {
                    return false;
                }
                List<String> command = List.of(value.substring(split + 1));
                contestants.add(new Contestant(value.substring(0, split), Kind.OURS, command));
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void findOthers() {
        find("gVisor ptrace", Kind.OTHER_RUNTIME, "runsc", GVISOR_FLAGS);
        find("runc", Kind.CONTAINERS, "runc", List.of());
        contestants.add(new Contestant("native", Kind.NATIVE, List.of()));
    }

    private void find(String name, Kind kind, String program, List<String> flags) {
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
        for (String folder : path.split(":")) {
            Path file = Path.of(folder, program);
            if (Files.isExecutable(file)) {
                List<String> command = new ArrayList<>(List.of(file.toString()));
                command.addAll(flags);
                contestants.add(new Contestant(name, kind, command));
                return;
            }
        }
        notRun.add("%s: no %s on PATH (Debian: apt-get install %2$s)".formatted(name, program));
    }

    private void run(Path programs, Path sources, Path scratch) throws InterruptedException {
        Shell shell = new Shell(scratch);
        Resident resident = new Resident(shell, programs.resolve("resident"));
        List<Part> parts =
                List.of(
                        new Calls(shell, programs.resolve("calls"), scratch),
                        new Starts(shell, scratch),
                        new Idle(shell, resident, scratch),
                        new Images(shell, sources.resolve("heap.py"), scratch),
                        new Fleet(shell, resident, scratch));
        for (Part part : parts) {
            Set<Figure> figures = EnumSet.copyOf(part.figures());
            figures.retainAll(wanted);
            for (int round = 1; round <= rounds && !figures.isEmpty(); round++) {
                runOnce(part, figures, round);
            }
        }
    }

    private void runOnce(Part part, Set<Figure> figures, int round) throws InterruptedException {
        List<Contestant> order = new ArrayList<>(contestants);
        if (round % 2 == 0) {
            Collections.reverse(order);
        }
        for (Contestant contestant : order) {
            if (!part.suits(contestant)) {
                continue;
            }
            String what = part.getClass().getSimpleName() + " in " + contestant.name();
            System.err.printf("benchmark: round %d of %d: %s%n", round, rounds, what);
            try {
                part.measure(contestant, figures, samples);
            } catch (IOException e) {
                System.err.println("benchmark: " + e.getMessage());
                notRun.add(what + ": " + e.getMessage());
            }
        }
    }

    private void print() throws IOException {
        System.out.println(Report.machine(rounds));
        System.out.println();
        System.out.print(new Report(contestants, samples).table(wanted));
        if (!notRun.isEmpty()) {
            System.out.println("\nNot measured, at least once:");
            notRun.forEach(line -> System.out.println("- " + line));
        }
    }
}
