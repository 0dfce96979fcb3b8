package dev.runsc.cli.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.container.ContainerState.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** State files, their names, and the locks around them. */
class StateDirectoryTest {
    @TempDir private Path folder;

    private static ContainerState state(String id) {
        return new ContainerState(
                id,
                "{\"ociVersion\": \"1.2.0\"}",
                "/b\"undle",
                "2026-01-01T00:00:00Z",
                "me",
                ContainerStatus.CREATED,
                new Sandbox(id, new ProcessIdentity(12, 34), "/run/x.sock", false, true),
                new ProcessIdentity(56, 78));
    }

    private StateDirectory directoryWith(String... ids) throws Failure {
        StateDirectory directory = new StateDirectory(folder);
        for (String id : ids) {
            try (ContainerLock lock = directory.lockForNew(id, id)) {
                directory.write(state(id), lock);
            }
        }
        return directory;
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void whatIsWrittenIsReadBack() throws Failure, IOException {
        StateDirectory directory = directoryWith("one");
        assertEquals(state("one"), directory.read("one"));
        assertEquals(List.of("one_sandbox:one.lock", "one_sandbox:one.state"), files());
    }

    @Test
    void whatAKilledCreationLeftIsRemoved() throws Failure, IOException {
        StateDirectory directory = directoryWith("twin");
        directory.lockForNew("two", "two").close();
        Files.createFile(folder.resolve(".two_sandbox:two.tmp"));
        try (ContainerLock making = directory.lockForNew("new", "new")) {
            making.requireHeld();
            assertEquals(List.of(), directory.removeRemains("new"));
        }
        assertEquals(List.of(), directory.removeRemains("tw"));
        assertEquals(List.of(), directory.removeRemains("twin"));
        assertEquals(List.of("two"), directory.removeRemains("two"));
        assertEquals(
                List.of(
                        "new_sandbox:new.lock",
                        "twin_sandbox:twin.lock",
                        "twin_sandbox:twin.state"),
                files());
    }

    @Test
    void deletingLeavesNothing() throws Failure, IOException {
        StateDirectory directory = directoryWith("one");
        try (ContainerLock lock = directory.lock("one")) {
            directory.remove("one", lock);
        }
        assertEquals(List.of(), files());
        assertThrows(Failure.class, () -> directory.lock("one"));
        assertEquals(List.of(), files(), "looking for a container must leave no lock file");
    }

    @Test
    void idsAreFoundByTheirBeginning() throws Failure {
        StateDirectory directory = directoryWith("foo", "foobar", "fox", "zebra");
        assertEquals("foo", directory.resolve("foo"), "an exact id comes first");
        assertEquals("foobar", directory.resolve("foob"));
        assertEquals("zebra", directory.resolve("z"));
        Failure two = assertThrows(Failure.class, () -> directory.resolve("fo"));
        assertEquals(
                "id \"fo\" is ambiguous and could refer to multiple containers: \"foo\", \"foobar\", \"fox\"",
                two.getMessage());
        Failure none = assertThrows(Failure.class, () -> directory.resolve("nope"));
        assertTrue(none.getMessage().endsWith("does not exist"), none.getMessage());
        assertEquals(List.of("foo", "foobar", "fox", "zebra"), directory.list());
    }

    @Test
    void idsThatCannotBeFileNamesAreRefused() {
        for (String id :
                List.of("", "a/b", "a b", "../x", "a\n", "\u00e4", "a:b", "x".repeat(101))) {
            Failure failure = assertThrows(Failure.class, () -> StateDirectory.checkId(id), id);
            assertTrue(
                    failure.getMessage().startsWith("invalid container id"), failure.getMessage());
        }
    }

    @Test
    void anIdInUseIsRefused() throws Failure {
        StateDirectory directory = directoryWith("one");
        Failure failure = assertThrows(Failure.class, () -> directory.lockForNew("one", "one"));
        assertTrue(failure.getMessage().endsWith("already exists"), failure.getMessage());
    }

    @Test
    void damagedFilesAreToldInOneLineAndListStillWorks() throws Failure, IOException {
        StateDirectory directory = directoryWith("bad", "good");
        Path file = folder.resolve("bad_sandbox:bad.state");
        String text = Files.readString(file);
        for (String damage :
                List.of("", "{", "[]", "{}", text.substring(0, text.length() / 2), text + "x")) {
            Files.writeString(file, damage);
            Failure failure = assertThrows(Failure.class, () -> directory.read("bad"), damage);
            assertTrue(
                    failure.getMessage().startsWith("loading container \"bad\": "),
                    failure.getMessage());
            assertFalse(failure.getMessage().contains("\n"));
        }
        assertEquals(List.of("bad", "good"), directory.list());
        assertEquals("good", directory.read("good").id());
    }

    @Test
    void aMissingRootHasNoContainers() throws Failure {
        StateDirectory directory = new StateDirectory(folder.resolve("none"));
        assertEquals(List.of(), directory.list());
        assertThrows(Failure.class, () -> directory.resolve("x"));
        directory.create();
        assertEquals("rwx--x--x", mode(folder.resolve("none")));
    }

    private static String mode(Path path) {
        try {
            return java.nio.file.attribute.PosixFilePermissions.toString(
                    Files.getPosixFilePermissions(path));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What {@link #processesTakeTurns} runs several of. */
    static final class Contender {
        private Contender() {}

        public static void main(String[] args) throws Failure, IOException {
            StateDirectory directory = new StateDirectory(Path.of(args[0]));
            Path counter = Path.of(args[1]);
            for (int i = 0; i < Integer.parseInt(args[2]); ) {
                ContainerLock taken;
                try {
                    taken =
                            i % 2 == 0
                                    ? directory.lockForNew("shared", "shared")
                                    : directory.lock("shared");
                } catch (Failure e) {
                    // Another made it, or deleted it, just before us: that is the game.
                    continue;
                }
                try (ContainerLock lock = taken) {
                    int value = Integer.parseInt(Files.readString(counter));
                    Files.writeString(counter, String.valueOf(value + 1));
                    if (i % 2 == 0) {
                        directory.write(state("shared"), lock);
                    } else {
                        directory.remove("shared", lock);
                    }
                }
                i++;
            }
        }
    }

    @Test
    void processesTakeTurns() throws IOException, InterruptedException {
        Path counter = folder.resolve("counter");
        Files.writeString(counter, "0");
        Path root = Files.createDirectory(folder.resolve("root"));
        int turns = 40;
        int contenders = 4;
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < contenders; i++) {
            processes.add(
                    new ProcessBuilder(
                                    System.getProperty("java.home") + "/bin/java",
                                    "-XX:+UseSerialGC",
                                    "-XX:TieredStopAtLevel=1",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    Contender.class.getName(),
                                    root.toString(),
                                    counter.toString(),
                                    String.valueOf(turns))
                            .inheritIO()
                            .start());
        }
        for (Process process : processes) {
            assertEquals(0, process.waitFor());
        }
        assertEquals(String.valueOf(turns * contenders), Files.readString(counter));
    }
}
