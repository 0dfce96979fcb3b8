package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Docker's {@code daemon.json}: what is not ours stays as it is. */
final class DockerConfig {
    private static final int BYTES_MAX = 1 << 20;
    private static final String RUNTIMES = "runtimes";
    private static final String EXEC_OPTIONS = "exec-opts";
    private static final String CGROUP_DRIVER = "native.cgroupdriver=";

    private final Path file;

    /** Each field's value as JSON. */
    private final Map<String, String> fields;

    private final Map<String, String> runtimes;

    private DockerConfig(Path file, Map<String, String> fields, Map<String, String> runtimes) {
        this.file = file;
        this.fields = fields;
        this.runtimes = runtimes;
    }

    /** Reads a file; one that is missing or empty says nothing. */
    static DockerConfig read(Path file) throws Failure {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(BYTES_MAX + 1);
        } catch (NoSuchFileException e) {
            bytes = new byte[0];
        } catch (IOException e) {
            throw new Failure("reading config file: " + Failure.reason(e), e);
        }
        if (bytes.length > BYTES_MAX) {
            throw new Failure("reading config file: " + file + " is larger than 1 MiB");
        }
        try {
            Map<String, String> fields = fields(file.toString(), bytes);
            String runtimes = fields.remove(RUNTIMES);
            Map<String, String> parsed =
                    runtimes == null
                            ? new LinkedHashMap<>()
                            : fields(
                                    "runtimes of " + file,
                                    runtimes.getBytes(StandardCharsets.UTF_8));
            return new DockerConfig(file, fields, parsed);
        } catch (JsonFault e) {
            throw new Failure("reading config file: " + e.getMessage(), e);
        }
    }

    private static Map<String, String> fields(String document, byte[] bytes) throws JsonFault {
        Map<String, String> fields = new LinkedHashMap<>();
        if (new String(bytes, StandardCharsets.UTF_8).isBlank()) {
            return fields;
        }
        JsonReader in = new JsonReader(document, bytes);
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            fields.put(name, in.raw());
        }
        in.end();
        return fields;
    }

    boolean hasRuntime(String name) {
        return runtimes.containsKey(name);
    }

    void putRuntime(String name, String program, List<String> arguments) {
        JsonText json = new JsonText().beginObject().field("path", program);
        if (!arguments.isEmpty()) {
            json.field("runtimeArgs", arguments);
        }
        runtimes.put(name, json.endObject().text());
    }

    void removeRuntime(String name) {
        runtimes.remove(name);
    }

    void setExperimental() {
        fields.put("experimental", "true");
    }

    /** Replaces the driver that is named, keeps other options. */
    void setCgroupDriver(String driver) throws Failure {
        List<String> options = new ArrayList<>();
        String old = fields.get(EXEC_OPTIONS);
        if (old != null) {
            try {
                options.addAll(
                        new JsonReader(EXEC_OPTIONS, old.getBytes(StandardCharsets.UTF_8))
                                .strings());
            } catch (JsonFault e) {
                throw new Failure("reading config file: " + e.getMessage(), e);
            }
        }
        options.removeIf(option -> option.startsWith(CGROUP_DRIVER));
        options.add(CGROUP_DRIVER + driver);
        JsonText json = new JsonText().beginArray();
        options.forEach(json::value);
        fields.put(EXEC_OPTIONS, json.endArray().text());
    }

    /** Replaces the file at once; what it was stays beside it with a tilde at its end. */
    void write() throws Failure {
        JsonText json = new JsonText(true).beginObject();
        fields.forEach((name, value) -> json.name(name).raw(value));
        if (!runtimes.isEmpty()) {
            json.name(RUNTIMES).beginObject();
            runtimes.forEach((name, value) -> json.name(name).raw(value));
            json.endObject();
        }
        String text = json.endObject().text() + "\n";
        Path folder = file.toAbsolutePath().getParent();
        try {
            if (folder != null) {
                Files.createDirectories(folder);
            }
            if (Files.exists(file)) {
                Files.copy(
                        file,
                        file.resolveSibling(file.getFileName() + "~"),
                        StandardCopyOption.REPLACE_EXISTING,
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
            Path temporary = Files.createTempFile(folder, "daemon", ".json");
            try {
                Files.writeString(temporary, text, StandardOpenOption.WRITE);
                Files.setPosixFilePermissions(
                        temporary,
                        java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new Failure("writing config file: " + Failure.reason(e), e);
        }
    }
}
