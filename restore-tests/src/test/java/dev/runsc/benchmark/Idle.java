package dev.runsc.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** A container that sleeps: what it keeps resident, and commands that ask it something. */
final class Idle implements Part {
    private static final String ID = "idle";

    private static final int REPEATS = 3;

    private final Shell shell;
    private final Resident resident;
    private final Path scratch;

    Idle(Shell shell, Resident resident, Path scratch) {
        this.shell = shell;
        this.resident = resident;
        this.scratch = scratch;
    }

    @Override
    public Set<Figure> figures() {
        return EnumSet.of(Figure.RESIDENT, Figure.STATE, Figure.EXEC_COMMAND);
    }

    @Override
    public boolean suits(Contestant contestant) {
        return contestant.isRuntime();
    }

    @Override
    public void measure(Contestant contestant, Set<Figure> wanted, Samples into)
            throws IOException, InterruptedException {
        Path bundle = Bundles.write(scratch, ID, List.of("/bin/sleep", "1000"));
        List<String> run = List.of("run", "--detach", "--bundle=" + bundle, ID);
        try {
            Resident.Left left = resident.after(contestant.words(scratch, run));
            if (wanted.contains(Figure.RESIDENT)) {
                into.add(Figure.RESIDENT, contestant, left.bytes());
            }
            for (int i = 0; i < REPEATS; i++) {
                List<String> state = contestant.words(scratch, List.of("state", ID));
                if (wanted.contains(Figure.STATE)) {
                    into.add(Figure.STATE, contestant, shell.time(state));
                }
                List<String> exec = contestant.words(scratch, List.of("exec", ID, "/bin/true"));
                if (wanted.contains(Figure.EXEC_COMMAND)) {
                    into.add(Figure.EXEC_COMMAND, contestant, shell.time(exec));
                }
            }
        } finally {
            shell.tryTo(contestant.words(scratch, List.of("kill", ID, "KILL")));
            shell.tryTo(contestant.words(scratch, List.of("delete", "--force", ID)));
        }
    }
}
