package dev.runsc.cli.wire;

import dev.runsc.cli.base.Stages;
import dev.runsc.cli.base.Stages.Stage;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import java.util.ArrayList;
import java.util.List;

/**
 * Stages that one process measured, for another that shows them: a field {@code stages} of an
 * object.
 */
public final class StageCodec {
    private StageCodec() {}

    /** Writes the field into an object that is open. */
    public static void write(JsonText json, Stages stages) {
        json.name("stages").beginArray();
        for (Stage stage : stages.list()) {
            json.beginObject();
            json.field("name", stage.name()).field("nanos", stage.nanos());
            json.endObject();
        }
        json.endArray();
    }

    /**
     * Reads an object with the field and maybe others; {@code prefix} says whose stages they are.
     */
    public static List<Stage> read(JsonReader in, String prefix) throws JsonFault {
        List<Stage> stages = new ArrayList<>();
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            if (name.equals("stages")) {
                readInto(stages, in, prefix);
            } else {
                in.skip();
            }
        }
        return stages;
    }

    /** Reads the value of the field. */
    public static void readInto(List<Stage> stages, JsonReader in, String prefix) throws JsonFault {
        in.array();
        while (in.nextElement()) {
            String stage = "";
            long nanos = 0;
            in.object();
            for (String field = in.nextName(); field != null; field = in.nextName()) {
                switch (field) {
                    case "name" -> stage = in.string();
                    case "nanos" -> nanos = in.number(0, Long.MAX_VALUE);
                    default -> in.skip();
                }
            }
            stages.add(new Stage(prefix + stage, nanos, false));
        }
    }
}
