package dev.runsc.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.cli.base.Durations;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.json.JsonReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The words and texts of events, update, features, install and spec. */
class ResourceCommandsTest {
    @TempDir Path scratch;

    private static Arguments parse(Command command, String... words) throws Failure {
        Options options = new Options("test");
        command.declare(options);
        return Arguments.parse(options, List.of(words));
    }

    @Test
    void durationsAreThoseOfGo() throws Failure {
        assertEquals(5_000_000_000L, Durations.parseNanos("--interval", "5s"));
        assertEquals(90_000_000_000L, Durations.parseNanos("--interval", "1m30s"));
        assertEquals(5_400_000_000_000L, Durations.parseNanos("--interval", "1.5h"));
        assertEquals(250_000_000L, Durations.parseNanos("--interval", "250ms"));
        assertEquals(1_500L, Durations.parseNanos("--interval", "1.5us"));
        assertEquals(2_000L, Durations.parseNanos("--interval", "2\u00b5s"));
        assertEquals(500_000_000L, Durations.parseNanos("--interval", ".5s"));
        assertEquals(0, Durations.parseNanos("--interval", "0"));
        for (String bad : List.of("", "5", "s", "5 s", "-1s", "1x", "1s1", "999999999999h", ".s")) {
            Failure failure =
                    assertThrows(Failure.class, () -> Durations.parseNanos("--interval", bad), bad);
            assertEquals("invalid value \"" + bad + "\" for flag --interval", failure.getMessage());
        }
    }

    @Test
    void flagsOfUpdateAreResources() throws Failure {
        assertEquals(
                "{\"blockIO\":{\"weight\":10},\"cpu\":{\"quota\":-1,\"shares\":7,\"cpus\":\"0-1\"},"
                        + "\"memory\":{\"limit\":536870912,\"swap\":-1},\"pids\":{\"limit\":5}}",
                UpdateCommand.flagsAsJson(
                        parse(
                                new UpdateCommand(),
                                "--memory=512M",
                                "--memory-swap",
                                "-1",
                                "--pids-limit=5",
                                "--cpu-share=7",
                                "--cpu-quota=-1",
                                "--cpuset-cpus=0-1",
                                "--blkio-weight=10",
                                "id")));
        for (String bad : List.of("--memory=-2", "--memory=1x", "--memory=9999999999g")) {
            assertThrows(
                    Failure.class,
                    () -> UpdateCommand.flagsAsJson(parse(new UpdateCommand(), bad, "id")),
                    bad);
        }
        assertThrows(
                Failure.class,
                () -> UpdateCommand.flagsAsJson(parse(new UpdateCommand(), "--pids-limit=a", "i")));
    }

    @Test
    void featuresAreWellFormed() throws Exception {
        String text = FeaturesCommand.text();
        JsonReader in = new JsonReader("features", text.getBytes(UTF_8));
        in.skip();
        in.end();
        for (String word :
                List.of(
                        "\"ociVersionMax\": \"1.2.0\"",
                        "CAP_SYS_ADMIN",
                        "createRuntime",
                        "\"v2\"")) {
            assertTrue(text.contains(word), word);
        }
    }

    @Test
    void dockersConfigurationKeepsTheRest() throws Exception {
        Path file = scratch.resolve("docker/daemon.json");
        DockerConfig fresh = DockerConfig.read(file);
        fresh.putRuntime("runsc", "/bin/runsc", List.of());
        fresh.write();
        assertEquals(
                "{\n  \"runtimes\": {\n    \"runsc\": {\"path\":\"/bin/runsc\"}\n  }\n}\n",
                Files.readString(file));
        String old =
                "{\"exec-opts\": [\"a=b\", \"native.cgroupdriver=systemd\"], \"debug\": true,"
                        + " \"runtimes\": {\"other\": {\"path\": \"/o\"}}}";
        Files.writeString(file, old);
        DockerConfig config = DockerConfig.read(file);
        assertFalse(config.hasRuntime("runsc"));
        config.putRuntime("runsc", "/bin/runsc", List.of("--debug"));
        config.setCgroupDriver("cgroupfs");
        config.setExperimental();
        config.write();
        assertEquals(old, Files.readString(file.resolveSibling("daemon.json~")));
        String now = Files.readString(file);
        for (String word :
                List.of(
                        "\"debug\": true",
                        "[\"a=b\",\"native.cgroupdriver=cgroupfs\"]",
                        "\"other\": {\"path\": \"/o\"}",
                        "{\"path\":\"/bin/runsc\",\"runtimeArgs\":[\"--debug\"]}",
                        "\"experimental\": true")) {
            assertTrue(now.contains(word), now);
        }
        DockerConfig again = DockerConfig.read(file);
        assertTrue(again.hasRuntime("runsc"));
        again.removeRuntime("runsc");
        again.write();
        assertFalse(DockerConfig.read(file).hasRuntime("runsc"));
        try (var files = Files.list(file.getParent())) {
            assertEquals(2, files.count(), "nothing temporary stays");
        }
        Files.writeString(file, "[1]");
        assertThrows(Failure.class, () -> DockerConfig.read(file));
    }

    @Test
    void specTakesWordsBehindADash() throws Exception {
        Arguments arguments =
                parse(new SpecCommand(), "--bundle", "/b", "--netns", "/n", "--", "ls", "-l");
        assertEquals(List.of("ls", "-l"), arguments.words());
        assertEquals("/n", arguments.text("--netns", ""));
    }
}
