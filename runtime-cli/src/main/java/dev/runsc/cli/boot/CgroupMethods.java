package dev.runsc.cli.boot;

import dev.runsc.cli.boot.ControlObjects.ControlObject;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.ControlServer.Connection;
import dev.runsc.cli.control.ControlServer.Reply;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.kernel.ControlGroups;
import dev.runsc.kernel.KernelException;
import java.util.ArrayList;
import java.util.List;

/** {@code Cgroups}: files of the control groups that the sandbox's kernel has. */
final class CgroupMethods implements ControlObject {
    private static final int FILES_MAX = 4096;

    private final Loader loader;

    CgroupMethods(Loader loader) {
        this.loader = loader;
    }

    /** One file, and what to write to it. */
    private record Wanted(String controller, String path, String name, String value) {}

    @Override
    public Reply handle(String method, ObjectRequest request, Connection connection)
            throws ControlFault, JsonFault, KernelException {
        return switch (method) {
            case Methods.CGROUPS_READ -> files(request, false);
            case Methods.CGROUPS_WRITE -> files(request, true);
            case Methods.CGROUPS_LIMIT -> limit(request);
            default -> throw ControlObjects.unknown(method);
        };
    }

    /** {@code files}: an array; the answer's {@code results} has a value or an error for each. */
    private Reply files(ObjectRequest request, boolean write) throws ControlFault, JsonFault {
        String id = request.id();
        List<Wanted> all = read(request.object("files"));
        ControlGroups groups = loader.kernelFor(id, "look into").controlGroups();
        JsonText json = new JsonText().beginObject().name("results").beginArray();
        for (Wanted file : all) {
            json.beginObject();
            try {
                if (write) {
                    groups.write(id, file.controller, file.path, file.name, file.value);
                } else {
                    json.field("value", groups.read(id, file.controller, file.path, file.name));
                }
            } catch (KernelException failed) {
                json.field("error", failed.getMessage());
            }
            json.endObject();
        }
        return new Reply(json.endArray().endObject().text());
    }

    private static List<Wanted> read(JsonReader in) throws JsonFault {
        List<Wanted> all = new ArrayList<>();
        in.array();
        while (in.nextElement()) {
            if (all.size() >= FILES_MAX) {
                throw in.fault("too many files");
            }
            String controller = "";
            String path = "/";
            String name = "";
            String value = "";
            in.object();
            for (String field = in.nextName(); field != null; field = in.nextName()) {
                switch (field) {
                    case "controller" -> controller = in.string();
                    case "path" -> path = in.string();
                    case "name" -> name = in.string();
                    case "value" -> value = in.string();
                    default -> in.skip();
                }
            }
            all.add(new Wanted(controller, path, name, value));
        }
        return all;
    }

    /** {@code limits}: values by the names of files of version 2. */
    private Reply limit(ObjectRequest request) throws ControlFault, JsonFault, KernelException {
        String id = request.id();
        JsonReader limits = request.object("limits");
        ControlGroups groups = loader.kernelFor(id, "limit").controlGroups();
        try {
            groups.limit(id, limits.stringMap());
        } catch (KernelException refused) {
            throw new ControlFault(Code.BAD_REQUEST, refused.getMessage(), refused);
        }
        return Reply.EMPTY;
    }
}
