package dev.runsc.cli.lifecycle;

import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import java.util.Map;

/** The OCI state object of a container. */
public final class OciState {
    private OciState() {}

    public static String indented(ContainerState state) {
        JsonText json = new JsonText(true);
        write(json, state);
        return json.text();
    }

    /** On one line, as hooks get it. */
    static String compact(ContainerState state) {
        JsonText json = new JsonText();
        write(json, state);
        return json.text();
    }

    public static void write(JsonText json, ContainerState state) {
        String version = "";
        Map<String, String> annotations = Map.of();
        try {
            // Only what is shown: reading the whole spec costs more than the rest of the command.
            JsonReader spec = new JsonReader("spec of " + state.id(), state.specBytes());
            spec.object();
            for (String name = spec.nextName(); name != null; name = spec.nextName()) {
                switch (name) {
                    case "ociVersion" -> version = spec.string();
                    case "annotations" -> annotations = spec.stringMap();
                    default -> spec.skip();
                }
            }
        } catch (JsonFault e) {
            dev.runsc.cli.base.DebugLog.write(e.getMessage());
        }
        json.beginObject();
        json.field("ociVersion", version);
        json.field("id", state.id());
        json.field("status", state.status().text());
        if (state.status() != ContainerStatus.STOPPED) {
            json.field("pid", state.sandbox().process().pid());
        }
        json.field("bundle", state.bundle());
        if (!annotations.isEmpty()) {
            json.field("annotations", annotations);
        }
        json.endObject();
    }
}
