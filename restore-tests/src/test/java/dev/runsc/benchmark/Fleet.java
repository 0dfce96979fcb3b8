package dev.runsc.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Many sandboxes side by side. They are measured in the first round only: to make them takes long.
 */
final class Fleet implements Part {
    private static final int AT_ONCE = 20;
    private static final int LISTED = 100;
    private static final int REPEATS = 3;

    private final Shell shell;
    private final Resident resident;
    private final Path scratch;

    Fleet(Shell shell, Resident resident, Path scratch) {
        this.shell = shell;
        this.resident = resident;
        this.scratch = scratch;
    }

    @Override
    public Set<Figure> figures() {
        return EnumSet.range(Figure.FLEET, Figure.LIST);
    }

    @Override
    public boolean suits(Contestant contestant) {
        return contestant.isRuntime();
    }

    @Override
    public void measure(Contestant contestant, Set<Figure> wanted, Samples into)
            throws IOException, InterruptedException {
        if (wanted.stream().anyMatch(figure -> into.has(figure, contestant))) {
            return;
        }
        String bundle = Bundles.write(scratch, "fleet", List.of("/bin/sleep", "1000")).toString();
        try {
            Resident.Left left = resident.after(start(contestant, bundle, 0));
            into.add(Figure.FLEET, contestant, left.nanos());
            into.add(Figure.FLEET_RESIDENT, contestant, left.bytes() / AT_ONCE);
            if (wanted.contains(Figure.LIST)) {
                for (int first = AT_ONCE; first < LISTED; first += AT_ONCE) {
                    shell.time(start(contestant, bundle, first));
                }
                for (int i = 0; i < REPEATS; i++) {
                    List<String> list = contestant.words(scratch, List.of("list"));
                    into.add(Figure.LIST, contestant, shell.time(list));
                }
            }
        } finally {
            for (int i = 0; i < LISTED; i++) {
                shell.tryTo(contestant.words(scratch, List.of("delete", "--force", "fleet-" + i)));
            }
        }
    }

    /** A shell that starts some at the same time, and ends when all run. */
    private List<String> start(Contestant contestant, String bundle, int first) {
        List<String> run = List.of("run", "--detach", "--bundle=" + bundle);
        String words = String.join(" ", contestant.words(scratch, run));
        String runs =
                IntStream.range(first, first + AT_ONCE)
                        .mapToObj(i -> words + " fleet-" + i + " & pids=\"$pids $!\"; ")
                        .collect(Collectors.joining());
        String script = runs + "for pid in $pids; do wait $pid || exit 1; done";
        return List.of("/bin/sh", "-c", script);
    }
}
