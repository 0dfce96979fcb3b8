package dev.runsc.cli.boot;

import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.gofer.host.HostFd;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request to one of the smaller control objects: its fields by name, read when asked for, and the
 * descriptors that came with it until somebody takes them.
 */
final class ObjectRequest implements AutoCloseable {
    private static final int FIELDS_MAX = 64;

    private final String method;
    private final Map<String, String> fields = new HashMap<>();
    private final List<HostFd> unused;

    private ObjectRequest(String method, List<HostFd> descriptors) {
        this.method = method;
        this.unused = new ArrayList<>(descriptors);
    }

    /** Reads a request; the descriptors belong to it, also when it is malformed. */
    static ObjectRequest read(String method, JsonReader in, List<HostFd> descriptors)
            throws JsonFault {
        ObjectRequest request = new ObjectRequest(method, descriptors);
        boolean good = false;
        try {
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                if (request.fields.size() >= FIELDS_MAX) {
                    throw in.fault("too many fields");
                }
                if (request.fields.put(name, in.raw()) != null) {
                    throw in.fault("\"" + name + "\" comes twice");
                }
            }
            in.end();
            good = true;
            return request;
        } finally {
            if (!good) {
                request.close();
            }
        }
    }

    private @Nullable JsonReader field(String name) {
        String raw = fields.get(name);
        return raw == null
                ? null
                : new JsonReader(method + " " + name, raw.getBytes(StandardCharsets.UTF_8));
    }

    /** An object, to be read by who knows it. */
    JsonReader object(String name) throws ControlFault {
        JsonReader in = field(name);
        if (in == null) {
            throw new ControlFault(Code.BAD_REQUEST, "\"" + name + "\" is missing");
        }
        return in;
    }

    String id() throws JsonFault {
        return text("id", "");
    }

    String text(String name, String otherwise) throws JsonFault {
        JsonReader in = field(name);
        return in == null ? otherwise : in.string();
    }

    List<String> texts(String name, int most) throws JsonFault {
        JsonReader in = field(name);
        if (in == null) {
            return List.of();
        }
        List<String> texts = in.strings();
        if (texts.size() > most) {
            throw in.fault("more than " + most + " texts");
        }
        return texts;
    }

    boolean is(String name) throws JsonFault {
        JsonReader in = field(name);
        return in != null && in.bool();
    }

    long number(String name, long otherwise, long least, long most) throws JsonFault {
        JsonReader in = field(name);
        return in == null ? otherwise : in.number(least, most);
    }

    /** Takes the next descriptor. */
    HostFd take(String what) throws ControlFault {
        if (unused.isEmpty()) {
            throw new ControlFault(
                    Code.BAD_REQUEST, "the descriptor of the " + what + " is missing");
        }
        return unused.removeFirst();
    }

    boolean hasDescriptor() {
        return !unused.isEmpty();
    }

    /** The descriptors, for one who may take them; see {@link #taken}. */
    List<HostFd> descriptors() {
        return List.copyOf(unused);
    }

    /** Nothing is left to close. */
    void taken() {
        unused.clear();
    }

    @Override
    public void close() {
        unused.forEach(HostFd::close);
        unused.clear();
    }
}
