package dev.runsc.cli.oci;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a config.json wants and does not get. */
public final class SpecNotes {
    /** Major and minor numbers of the character devices that can be opened. */
    private static final Set<List<Integer>> DEVICES =
            Set.of(
                    List.of(1, 3),
                    List.of(1, 5),
                    List.of(1, 7),
                    List.of(1, 8),
                    List.of(1, 9),
                    List.of(5, 0),
                    List.of(5, 2));

    /** Of the root's mount, as seen from within: the host never sees what a guest mounts. */
    private static final Set<String> HARMLESS_PROPAGATION =
            Set.of("", "private", "rprivate", "slave", "rslave", "unbindable", "runbindable");

    private static final Map<String, Set<String>> UNKNOWN =
            Map.of(
                    "",
                    Set.of("domainname"),
                    "process",
                    Set.of(
                            "apparmorProfile",
                            "selinuxLabel",
                            "consoleSize",
                            "scheduler",
                            "ioPriority",
                            "execCPUAffinity"),
                    "linux",
                    Set.of("intelRdt", "mountLabel", "timeOffsets", "memoryPolicy", "netDevices"),
                    "hooks",
                    Set.of("startContainer"));

    private SpecNotes() {}

    /** {@code process.oomScoreAdj} of a document, read without the rest; null for none. */
    public static @Nullable Integer oomScoreAdj(byte[] config) throws Failure {
        Integer score = null;
        try {
            JsonReader in = new JsonReader("spec", config);
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                if (!name.equals("process")) {
                    in.skip();
                    continue;
                }
                in.object();
                for (String field = in.nextName(); field != null; field = in.nextName()) {
                    if (field.equals("oomScoreAdj")) {
                        score = in.integer(-1000, 1000);
                    } else {
                        in.skip();
                    }
                }
            }
        } catch (JsonFault e) {
            throw new Failure("reading spec: " + e.getMessage(), e);
        }
        return score;
    }

    /** One line for each thing that is passed over. */
    public static List<String> passedOver(OciSpec spec) {
        List<String> notes = new ArrayList<>(SaveAnnotations.notes(spec));
        OciSpec.Linux linux = spec.linux();
        for (OciSpec.Device device : linux.devices()) {
            boolean served =
                    device.type().equals("p")
                            || !device.type().equals("b")
                                    && DEVICES.contains(List.of(device.major(), device.minor()));
            if (!served) {
                notes.add("linux.devices: " + device.path() + " is there and cannot be opened");
            }
        }
        if (linux.hasUserNamespace() == linux.uidMappings().isEmpty()) {
            notes.add(
                    linux.hasUserNamespace()
                            ? "linux.namespaces: user is ignored without linux.uidMappings"
                            : "linux.uidMappings is ignored without a new user namespace");
        }
        if (!HARMLESS_PROPAGATION.contains(linux.rootfsPropagation())) {
            notes.add("linux.rootfsPropagation \"" + linux.rootfsPropagation() + "\" is ignored");
        }
        for (OciSpec.Namespace namespace : linux.namespaces()) {
            if (!namespace.path().isEmpty()) {
                notes.add(
                        "linux.namespaces: the "
                                + namespace.type()
                                + " namespace "
                                + namespace.path()
                                + " is not joined");
            }
        }
        try {
            JsonReader in = new JsonReader("spec", spec.json().getBytes(StandardCharsets.UTF_8));
            addUnknown(in, "", notes);
        } catch (JsonFault e) {
            // It was read before.
            throw new AssertionError(e);
        }
        return notes;
    }

    private static void addUnknown(JsonReader in, String object, List<String> notes)
            throws JsonFault {
        Set<String> unknown = UNKNOWN.getOrDefault(object, Set.of());
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            String full = object.isEmpty() ? name : object + "." + name;
            if (object.isEmpty() && UNKNOWN.containsKey(name)) {
                addUnknown(in, name, notes);
            } else if (unknown.contains(name)) {
                notes.add(full + " is ignored");
                in.skip();
            } else if (full.equals("linux.personality")) {
                addPersonality(in, notes);
            } else {
                in.skip();
            }
        }
    }

    private static void addPersonality(JsonReader in, List<String> notes) throws JsonFault {
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            if (name.equals("domain")) {
                String domain = in.string();
                if (!domain.equals("LINUX")) {
                    notes.add("linux.personality \"" + domain + "\" is ignored");
                }
            } else {
                in.skip();
            }
        }
    }
}
