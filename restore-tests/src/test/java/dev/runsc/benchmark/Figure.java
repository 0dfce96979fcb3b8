package dev.runsc.benchmark;

import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** The lines of the table, in its order; smaller is better in all. */
enum Figure {
    GETPID("getpid", Unit.NANOS),
    GETPID_SIGNAL("getpid, call sites left as they are", Unit.NANOS),
    READ("read of 1 byte from a pipe", Unit.NANOS),
    OPEN("open and close", Unit.NANOS),
    FORK("fork and wait", Unit.NANOS),
    EXEC("fork, exec and wait", Unit.NANOS),
    FAULT("page fault", Unit.NANOS),
    THREAD("thread create and join", Unit.NANOS),
    RUN("run /bin/true, cold", Unit.NANOS),
    DO("do /bin/true", Unit.NANOS),
    LIFE("create, start and delete of /bin/true", Unit.NANOS),
    STATE("state", Unit.NANOS),
    EXEC_COMMAND("exec /bin/true", Unit.NANOS),
    CHECKPOINT("checkpoint of a Python with an 80 MB heap", Unit.NANOS),
    CHECKPOINT_AGAIN("the same into a store that has it but for a little", Unit.NANOS),
    RESTORE("restore of it to its first output", Unit.NANOS),
    IMAGE("size of its image", Unit.BYTES),
    RESIDENT("resident memory of an idle sandbox", Unit.BYTES),
    FLEET("20 sandboxes at once, until all run", Unit.NANOS),
    FLEET_RESIDENT("resident memory of each of the 20", Unit.BYTES),
    LIST("list of 100 containers that run", Unit.NANOS);

    enum Unit {
        NANOS(List.of("ns", "us", "ms", "s"), 1000),
        BYTES(List.of("B", "KiB", "MiB", "GiB"), 1024);

        private final List<String> names;
        private final double step;

        Unit(List<String> names, double step) {
            this.names = names;
            this.step = step;
        }

        /** Three digits and a unit in which they are none too many. */
        String format(double value) {
            double rest = value;
            int index = 0;
            while (rest >= 999.5 && index < names.size() - 1) {
                rest /= step;
                index++;
            }
            return digits(rest) + " " + names.get(index);
        }
    }

    final String title;
    final Unit unit;

    Figure(String title, Unit unit) {
        this.title = title;
        this.unit = unit;
    }

    /** The word by which options choose it. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What only we do in two ways is compared with the one way of the others. */
    Figure counterpart() {
        return switch (this) {
            case GETPID_SIGNAL -> GETPID;
            case CHECKPOINT_AGAIN -> CHECKPOINT;
            default -> this;
        };
    }

    static List<Figure> matching(Predicate<Figure> wanted) {
        return List.of(values()).stream().filter(wanted).toList();
    }

    /** A number with about three digits. */
    static String digits(double value) {
        return String.format(
                Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
    }
}
