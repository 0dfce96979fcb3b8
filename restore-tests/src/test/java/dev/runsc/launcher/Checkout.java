package dev.runsc.launcher;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A folder that looks like a checkout to the launcher: the real scripts, and a JVM and a Maven that
 * only record.
 */
final class Checkout {
    private static final Path REAL =
            Path.of(System.getProperty("runsc.root", "..")).toAbsolutePath();
    private static final String BUILD = "runtime-cli/src/main/build";

    final Path root;

    /** Standard output, standard error and exit status of a run. */
    record Result(String out, String err, int status) {}

    Checkout(Path root) throws IOException {
        this.root = root;
        Files.createDirectories(root.resolve(BUILD));
        Files.copy(
                REAL.resolve("runsc"), root.resolve("runsc"), StandardCopyOption.COPY_ATTRIBUTES);
        for (String script : List.of("build.sh", "finish-dist")) {
            Path copy = root.resolve(BUILD).resolve(script);
            Files.copy(
                    REAL.resolve(BUILD).resolve(script), copy, StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    Path dist() {
        return root.resolve("runtime-cli/target/dist");
    }

    /**
     * What a build leaves for the launcher; the JVM prints its arguments, folder and input, and
     * ends with status 7.
     */
    Checkout built() throws IOException {
        Path java = script(root.resolve("jvm"), FAKE_JVM);
        Files.createDirectories(dist());
        Files.writeString(
                dist().resolve("launch"), "built='" + dist() + "'\njava='" + java + "'\n");
        return this;
    }

    private static final String FAKE_JVM =
            """
            #!/bin/sh
            printf '[%s]' "$@"
            printf '\\nin %s\\n' "$PWD"
            cat
            exit 7
            """;

    /** A folder of programs: the named ones of the system, and the given scripts. */
    Path programs(String folder, List<String> names, Map<String, String> scripts)
            throws IOException {
        Path programs = Files.createDirectories(root.resolve(folder));
        for (String name : names) {
            Path found =
                    Stream.of("/usr/bin", "/bin")
                            .map(each -> Path.of(each, name))
                            .filter(Files::exists)
                            .findFirst()
                            .orElseThrow(
                                    () -> new AssertionError("no " + name + " on this machine"));
            script(programs.resolve(name), "#!/bin/sh\nexec " + found + " \"$@\"\n");
        }
        scripts.forEach((name, text) -> {
            try {
                script(programs.resolve(name), text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return programs;
    }

    static Path script(Path path, String text) throws IOException {
        Files.writeString(path, text);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        return path;
    }

    static Result run(
            Path folder, String input, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("launcher", ".out");
        Path err = Files.createTempFile("launcher", ".err");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "still running: " + command);
        Result result =
                new Result(Files.readString(out), Files.readString(err), process.exitValue());
        Files.delete(out);
        Files.delete(err);
        return result;
    }

    /** The command that runs the launcher by the given name with some arguments. */
    static List<String> command(String launcher, String... arguments) {
        List<String> command = new ArrayList<>(List.of(launcher));
        command.addAll(List.of(arguments));
        return command;
    }
}
