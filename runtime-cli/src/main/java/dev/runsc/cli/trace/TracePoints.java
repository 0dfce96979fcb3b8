package dev.runsc.cli.trace;

import dev.runsc.kernel.syscalls.Syscall;
import dev.runsc.kernel.syscalls.SyscallTable;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** The points that a session can ask for. */
public final class TracePoints {
    /** The first process of a container starts. */
    public static final String CONTAINER_START = "container/start";

    /** A task has made another. */
    public static final String CLONE = "sentry/clone";

    /** A task runs another program. */
    public static final String EXECVE = "sentry/execve";

    /** A process has ended: its parent is told. */
    public static final String EXIT_NOTIFY_PARENT = "sentry/exit_notify_parent";

    /** A task has ended. */
    public static final String TASK_EXIT = "sentry/task_exit";

    static final String ENTER = "enter";
    static final String EXIT = "exit";
    private static final String SYSCALL = "syscall";
    private static final String NUMBER = "sysno";

    /** The life of tasks and containers. */
    static final List<String> LIFE =
            List.of(CONTAINER_START, CLONE, EXECVE, EXIT_NOTIFY_PARENT, TASK_EXIT);

    /** What a session can have told of the task with each event. */
    public static final List<String> CONTEXT_FIELDS =
            List.of(
                    "time",
                    "thread_id",
                    "task_start_time",
                    "group_id",
                    "thread_group_start_time",
                    "container_id",
                    "credentials",
                    "cwd",
                    "process_name");

    private TracePoints() {}

    /** The names of all points; a call may also be given by its number, {@code syscall/sysno/2}. */
    public static List<String> all() {
        List<String> names = new ArrayList<>(LIFE);
        for (Syscall row : SyscallTable.ROWS) {
            names.add(name(row, ENTER));
            names.add(name(row, EXIT));
        }
        return names;
    }

    /** What a point of a call is called. */
    static String name(Syscall row, String side) {
        return SYSCALL + "/" + row.name() + "/" + side;
    }

    /**
     * The number of the call that a point is of; empty when it is of none that there is.
     *
     * @param side {@link #ENTER} or {@link #EXIT}
     */
    static OptionalInt call(String point, String side) {
        String[] words = point.split("/", -1);
        if (!words[0].equals(SYSCALL) || !words[words.length - 1].equals(side)) {
            return OptionalInt.empty();
        }
        boolean byNumber = words.length == 4 && words[1].equals(NUMBER);
        if (words.length != 3 && !byNumber) {
            return OptionalInt.empty();
        }
        return SyscallTable.ROWS.stream()
                .filter(row ->
                        byNumber
                                ? String.valueOf(row.number()).equals(words[2])
                                : row.name().equals(words[1]))
                .mapToInt(Syscall::number)
                .findFirst();
    }

    /** Whether there is such a point. */
    static boolean exists(String point) {
        return LIFE.contains(point)
                || call(point, ENTER).isPresent()
                || call(point, EXIT).isPresent();
    }
}
