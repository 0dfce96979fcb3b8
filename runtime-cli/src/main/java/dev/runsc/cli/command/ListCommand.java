package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.cli.lifecycle.OciState;
import java.util.ArrayList;
import java.util.List;

/** {@code list}: the containers of the root directory. */
final class ListCommand implements Command {
    private static final int COLUMN_LEAST = 12;
    private static final int PADDING = 3;

    @Override
    public void declare(Options options) {
        options.about("Lists containers.");
        options.flag("only their ids", "--quiet", "-q");
        options.value("FORMAT", "text or json (default: text)", "--format", "-f");
        options.flag("one line per sandbox", "--sandbox");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(0, 0, "");
        String format = arguments.text("--format", "text");
        if (!format.equals("text") && !format.equals("json")) {
            throw new Failure("unknown list format \"" + format + "\"");
        }
        Containers containers = new Containers(config.root());
        List<String> ids = containers.directory().list();
        boolean sandboxes = arguments.is("--sandbox");
        if (arguments.is("--quiet") && !sandboxes) {
            ids.forEach(System.out::println);
            return 0;
        }
        List<ContainerState> states = new ArrayList<>(containers.loadAll(ids));
        if (sandboxes) {
            states.removeIf(ContainerState::isSubcontainer);
        }
        if (arguments.is("--quiet")) {
            states.forEach(state -> System.out.println(state.id()));
        } else if (format.equals("json")) {
            printJson(states);
        } else {
            printTable(states);
        }
        return 0;
    }

    private static void printJson(List<ContainerState> states) {
        if (states.isEmpty()) {
            System.out.println("null");
            return;
        }
        JsonText json = new JsonText().beginArray();
        states.forEach(state -> OciState.write(json, state));
        System.out.println(json.endArray().text());
    }

    private static void printTable(List<ContainerState> states) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"));
        for (ContainerState state : states) {
            boolean stopped = state.status() == ContainerStatus.STOPPED;
            rows.add(
                    List.of(
                            state.id(),
                            stopped ? "0" : String.valueOf(state.sandbox().process().pid()),
                            state.status().text(),
                            state.bundle(),
                            state.createdAt(),
                            state.owner()));
        }
        System.out.print(Table.format(rows, COLUMN_LEAST, PADDING));
    }
}
