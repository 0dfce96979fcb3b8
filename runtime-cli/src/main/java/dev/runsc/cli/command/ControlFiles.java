package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.control.ControlClient;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.lifecycle.Containers;
import java.util.EnumSet;
import java.util.List;

/** What {@code read-control} and {@code write-control} have in common: one file of a group. */
final class ControlFiles {
    private ControlFiles() {}

    /**
     * Has one file read or written.
     *
     * @param words container, controller, group, file, and perhaps a value
     * @return what a read file shows
     */
    static String call(RuntimeConfig config, String method, List<String> words) throws Failure {
        String path = words.get(2);
        if (!path.startsWith("/")) {
            throw new Failure("cgroup is not absolute: " + path);
        }
        ContainerState state = new Containers(config.root()).load(words.get(0));
        Containers.require(
                state,
                "look into",
                EnumSet.of(
                        ContainerStatus.CREATED, ContainerStatus.RUNNING, ContainerStatus.PAUSED));
        JsonText json = new JsonText().beginObject().field("id", state.id());
        json.name("files").beginArray().beginObject();
        json.field("controller", words.get(1)).field("path", path).field("name", words.get(3));
        if (words.size() > 4) {
            json.field("value", words.get(4));
        }
        json.endObject().endArray();
        ControlClient.Answer answer = Containers.call(state, method, json.endObject().text());
        try {
            return value(answer.reader());
        } catch (JsonFault e) {
            throw new Failure("answer of the sandbox: " + e.getMessage(), e);
        }
    }

    private static String value(JsonReader in) throws JsonFault, Failure {
        String value = "";
        in.object();
        for (String field = in.nextName(); field != null; field = in.nextName()) {
            if (!field.equals("results")) {
                in.skip();
                continue;
            }
            in.array();
            while (in.nextElement()) {
                in.object();
                for (String of = in.nextName(); of != null; of = in.nextName()) {
                    switch (of) {
                        case "error" -> throw new Failure(in.string());
                        case "value" -> value = in.string();
                        default -> in.skip();
                    }
                }
            }
        }
        return value;
    }
}
