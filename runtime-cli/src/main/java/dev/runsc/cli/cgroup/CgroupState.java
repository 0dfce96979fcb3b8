package dev.runsc.cli.cgroup;

import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A container's cgroup as its state file keeps it.
 *
 * @param version of cgroups(7): 1 or 2; 0 when the container has no cgroup
 * @param path as config.json names it
 * @param directories absolute, by controller; version 2 has one, under the name {@code unified}
 * @param made the directories that we made, parents first: those go with the container
 * @param resources the limits in force, as the JSON of config.json
 */
public record CgroupState(
        int version,
        String path,
        Map<String, String> directories,
        List<String> made,
        String resources) {

    /** Of a container without a cgroup. */
    public static final CgroupState NONE = new CgroupState(0, "", Map.of(), List.of(), "{}");

    public boolean isNone() {
        return version == 0;
    }

    /** The same with other limits. */
    public CgroupState withResources(String json) {
        return new CgroupState(version, path, directories, made, json);
    }

    public void write(JsonText json) {
        json.beginObject();
        json.field("version", version);
        json.field("path", path);
        json.field("directories", directories);
        json.field("made", made);
        json.name("resources").raw(resources);
        json.endObject();
    }

    public static CgroupState read(JsonReader in) throws JsonFault {
        int version = 0;
        String path = "";
        Map<String, String> directories = new LinkedHashMap<>();
        List<String> made = new ArrayList<>();
        String resources = "{}";
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "version" -> version = in.integer(0, 2);
                case "path" -> path = in.string();
                case "directories" -> directories.putAll(in.stringMap());
                case "made" -> made.addAll(in.strings());
                case "resources" -> resources = in.raw();
                default -> in.skip();
            }
        }
        return new CgroupState(version, path, directories, made, resources);
    }
}
