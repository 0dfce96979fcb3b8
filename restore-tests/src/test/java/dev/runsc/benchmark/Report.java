package dev.runsc.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The table, in Markdown. */
final class Report {
    private static final String NONE = "-";

    private final List<Contestant> contestants;
    private final Samples samples;

    /**
     * @param contestants the first is compared with the others
     */
    Report(List<Contestant> contestants, Samples samples) {
        this.contestants = contestants;
        this.samples = samples;
    }

    /** Ratios first, then what they are made of. */
    String table(Set<Figure> wanted) {
        Contestant ours = contestants.getFirst();
        List<Contestant> others = contestants.subList(1, contestants.size());
        List<String> head = new ArrayList<>(List.of("what"));
        others.forEach(other -> head.add(ours.name() + " / " + other.name()));
        contestants.forEach(each -> head.add(each.name()));
        StringBuilder text = new StringBuilder();
        row(text, head);
        row(text, head.stream().map(name -> name.equals("what") ? "---" : "---:").toList());
        for (Figure figure : wanted) {
            List<String> cells = new ArrayList<>(List.of(figure.title));
            others.forEach(other -> cells.add(ratio(figure, ours, other)));
            contestants.forEach(each -> cells.add(value(figure, each)));
            row(text, cells);
        }
        return text.toString();
    }

    private static void row(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private String ratio(Figure figure, Contestant ours, Contestant other) {
        Figure theirs = samples.has(figure, other) ? figure : figure.counterpart();
        if (!samples.has(figure, ours) || !samples.has(theirs, other)) {
            return NONE;
        }
        return Figure.digits(samples.median(figure, ours) / samples.median(theirs, other));
    }

    private String value(Figure figure, Contestant contestant) {
        return samples.has(figure, contestant)
                ? figure.unit.format(samples.median(figure, contestant))
                : NONE;
    }

    /** What machine this is: figures of different ones are not compared. */
    static String machine(int rounds) throws IOException {
        String processor = "processor unknown";
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            processor =
                    lines.filter(line -> line.startsWith("model name"))
                            .map(line -> line.substring(line.indexOf(':') + 1).strip())
                            .findFirst()
                            .orElse(processor);
        }
        String load = Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
        return "%s, Linux %s, %d processors: %s; medians of %d rounds; load average at the end %s"
                .formatted(
                        LocalDate.now(ZoneOffset.UTC),
                        System.getProperty("os.version"),
                        Runtime.getRuntime().availableProcessors(),
                        processor,
                        rounds,
                        load);
    }
}
