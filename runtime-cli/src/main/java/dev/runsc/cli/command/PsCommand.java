package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.lifecycle.Containers;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** {@code ps ID}: the processes of a container. */
final class PsCommand implements Command {
    private static final int COLUMN_LEAST = 10;
    private static final int PADDING = 1;

    private static final List<String> MONTHS =
            List.of(
                    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
                    "Dec");

    @Override
    public void declare(Options options) {
        options.about("Lists the processes of a container.");
        options.value("FORMAT", "table or json (default: table)", "--format", "-f");
        options.words("ID", "the container");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        String format = arguments.text("--format", "table");
        if (!format.equals("table") && !format.equals("json")) {
            throw new Failure("unsupported format \"" + format + "\"");
        }
        ContainerState state = new Containers(config.root()).load(arguments.only("container id"));
        Containers.require(
                state,
                "get processes of",
                EnumSet.of(ContainerStatus.RUNNING, ContainerStatus.PAUSED));
        List<List<String>> rows = rows(state);
        if (format.equals("table")) {
            System.out.print(Table.format(rows, COLUMN_LEAST, PADDING));
            return 0;
        }
        JsonText pids = new JsonText().beginArray();
        for (List<String> row : rows.subList(1, rows.size())) {
            pids.raw(row.get(1));
        }
        System.out.println(pids.endArray().text());
        return 0;
    }

    /** The table as text. */
    static String table(ContainerState state) throws Failure {
        return Table.format(rows(state), COLUMN_LEAST, PADDING);
    }

    /** The processes, below the names of the columns. */
    private static List<List<String>> rows(ContainerState state) throws Failure {
        JsonReader answer =
                Containers.call(state, Methods.PROCESSES, Containers.idArguments(state)).reader();
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("UID", "PID", "PPID", "PGID", "C", "TTY", "STIME", "TIME", "CMD"));
        try {
            answer.object();
            for (String name = answer.nextName(); name != null; name = answer.nextName()) {
                if (!name.equals("processes")) {
                    answer.skip();
                    continue;
                }
                answer.array();
                while (answer.nextElement()) {
                    rows.add(row(answer));
                }
            }
        } catch (JsonFault e) {
            throw new Failure("sandbox sent " + e.getMessage(), e);
        }
        return rows;
    }

    private static List<String> row(JsonReader in) throws JsonFault {
        long uid = 0;
        long pid = 0;
        long ppid = 0;
        long pgid = 0;
        long cpu = 0;
        String tty = "";
        long start = 0;
        long millis = 0;
        String command = "";
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "uid" -> uid = in.number(0, 0xffff_ffffL);
                case "pid" -> pid = in.number(0, Integer.MAX_VALUE);
                case "ppid" -> ppid = in.number(0, Integer.MAX_VALUE);
                case "pgid" -> pgid = in.number(0, Integer.MAX_VALUE);
                case "c" -> cpu = in.number(0, Integer.MAX_VALUE);
                case "tty" -> tty = in.string();
                case "stime" -> start = in.number(0, Long.MAX_VALUE / 1000);
                case "timeMillis" -> millis = in.number(0, Long.MAX_VALUE);
                case "cmd" -> command = in.string();
                default -> in.skip();
            }
        }
        return List.of(
                String.valueOf(uid),
                String.valueOf(pid),
                String.valueOf(ppid),
                String.valueOf(pgid),
                String.valueOf(cpu),
                tty.isEmpty() ? "?" : tty,
                startText(start),
                timeText(millis),
                command);
    }

    /**
     * The hour on the same day, the day in the same year, else the year. By hand: the JDK's
     * formatters load the texts of a language to do it.
     */
    private static String startText(long seconds) {
        ZonedDateTime start = Instant.ofEpochSecond(seconds).atZone(ZoneId.systemDefault());
        LocalDate today = LocalDate.now(start.getZone());
        if (start.toLocalDate().equals(today)) {
            return twoDigits(start.getHour()) + ":" + twoDigits(start.getMinute());
        }
        return start.getYear() == today.getYear()
                ? MONTHS.get(start.getMonthValue() - 1) + twoDigits(start.getDayOfMonth())
                : String.valueOf(start.getYear());
    }

    private static String twoDigits(int number) {
        return number < 10 ? "0" + number : String.valueOf(number);
    }

    /** As Go prints a duration: 1.5s, 0s, 20ms, 1h2m3s. */
    static String timeText(long millis) {
        if (millis == 0) {
            return "0s";
        }
        if (millis < 1000) {
            return millis + "ms";
        }
        String thousandths = String.valueOf(1000 + millis % 1000).substring(1);
        int end = thousandths.length();
        while (end > 0 && thousandths.charAt(end - 1) == '0') {
            end--;
        }
        String fraction = end == 0 ? "" : "." + thousandths.substring(0, end);
        String text = millis / 1000 % 60 + fraction + "s";
        long minutes = millis / 60_000;
        if (minutes > 0) {
            text = minutes % 60 + "m" + text;
        }
        return minutes >= 60 ? minutes / 60 + "h" + text : text;
    }
}
