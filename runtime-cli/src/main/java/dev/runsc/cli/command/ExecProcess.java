package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.oci.CapabilityNames;
import dev.runsc.cli.oci.OciProcess;
import dev.runsc.cli.oci.OciProcess.CapabilitySets;
import dev.runsc.cli.oci.OciProcess.User;
import dev.runsc.cli.oci.OciReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The process that {@code exec} starts: the container's own, changed by the flags, or one from a
 * file.
 */
final class ExecProcess {
    private static final int PROCESS_BYTES_MAX = 4 << 20;

    private ExecProcess() {}

    /**
     * The process asked for.
     *
     * @param container the container's first process
     */
    static OciProcess of(OciProcess container, Arguments arguments) throws Failure {
        Path file = arguments.findPath("--process");
        if (file != null) {
            return read(file);
        }
        List<String> words = arguments.words();
        return new OciProcess(
                arguments.is("--tty"),
                user(container.user(), arguments),
                words.subList(1, words.size()),
                environment(container.env(), arguments.all("--env")),
                cwd(container, arguments),
                capabilities(container.capabilities(), arguments.all("--cap")),
                container.rlimits(),
                container.noNewPrivileges() || arguments.is("--no-new-privs"),
                container.oomScoreAdj());
    }

    private static OciProcess read(Path file) throws Failure {
        try {
            if (Files.size(file) > PROCESS_BYTES_MAX) {
                throw new Failure("reading process: " + file + " is larger than 4 MiB");
            }
            return OciReader.readProcess(file.toString(), Files.readAllBytes(file));
        } catch (IOException e) {
            throw new Failure("reading process: " + Failure.reason(e), e);
        }
    }

    private static String cwd(OciProcess container, Arguments arguments) throws Failure {
        String cwd = arguments.text("--cwd", "");
        if (cwd.isEmpty()) {
            return container.workingDirectory();
        }
        if (!cwd.startsWith("/")) {
            throw new Failure("working directory \"" + cwd + "\" is not absolute");
        }
        return cwd;
    }

    private static List<String> environment(List<String> container, List<String> given)
            throws Failure {
        Map<String, String> variables = new LinkedHashMap<>();
        for (String variable : container) {
            variables.put(nameOf(variable), variable);
        }
        for (String variable : given) {
            if (variable.indexOf('=') < 1) {
                throw new Failure("invalid environment variable \"" + variable + "\"");
            }
            variables.put(nameOf(variable), variable);
        }
        return List.copyOf(variables.values());
    }

    private static String nameOf(String variable) {
        int equals = variable.indexOf('=');
        return equals < 0 ? variable : variable.substring(0, equals);
    }

    private static User user(User container, Arguments arguments) throws Failure {
        String text = arguments.text("--user", "");
        List<Integer> groups = new ArrayList<>();
        for (String group : arguments.all("--additional-gids")) {
            for (String each : group.split(",", -1)) {
                groups.add(id(each, "group"));
            }
        }
        if (text.isEmpty()) {
            groups.addAll(0, container.additionalGids());
            return new User(container.uid(), container.gid(), container.umask(), groups);
        }
        int colon = text.indexOf(':');
        int uid = id(colon < 0 ? text : text.substring(0, colon), "user");
        int gid = colon < 0 ? 0 : id(text.substring(colon + 1), "group");
        return new User(uid, gid, container.umask(), groups);
    }

    /** Numbers only: the names are the container's, whose files we do not read. */
    private static int id(String text, String what) throws Failure {
        try {
            long number = Long.parseLong(text);
            if (number >= 0 && number < 0xffff_ffffL) {
                return (int) number;
            }
        } catch (NumberFormatException e) {
            throw new Failure("invalid " + what + " \"" + text + "\": must be a number", e);
        }
        throw new Failure("invalid " + what + " \"" + text + "\"");
    }

    private static CapabilitySets capabilities(
            @org.jspecify.annotations.Nullable CapabilitySets container, List<String> added)
            throws Failure {
        long more = 0;
        for (String name : added) {
            int number = CapabilityNames.find(name);
            if (number < 0) {
                throw new Failure("unknown capability \"" + name + "\"");
            }
            more |= 1L << number;
        }
        if (container == null) {
            return new CapabilitySets(more, more, 0, more, 0);
        }
        return new CapabilitySets(
                container.bounding() | more,
                container.effective() | more,
                container.inheritable() | more,
                container.permitted() | more,
                container.ambient());
    }
}
