package dev.runsc.launcher;

import static dev.runsc.launcher.Checkout.command;
import static dev.runsc.launcher.Checkout.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.launcher.Checkout.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher: however it is called, the JVM gets the arguments, the folder and the input as they
 * were.
 */
class LauncherTest {
    private static final String ENDING = "dev.runsc.cli.Main";

    /** What the scripts use beside the shell's own commands when they build. */
    private static final List<String> TOOLS =
            List.of(
                    "sh",
                    "mkdir",
                    "flock",
                    "sed",
                    "head",
                    "readlink",
                    "gcc",
                    "make",
                    "cat",
                    "sleep");

    @TempDir Path scratch;

    @Test
    void argumentsArriveAsTheyAre() throws Exception {
        Checkout checkout = new Checkout(scratch.resolve("c")).built();
        List<String> command =
                command("./runsc", "a b", "", "*", "@file", "-x", "'\"$HOME\\", "two\nlines");
        Result result = run(checkout.root, "", Map.of(), command);
        String expected =
                "[a b][][*][@file][-x]['\"$HOME\\][two\nlines]\nin " + checkout.root + "\n";
        assertEquals(expected, after(result.out(), ENDING));
        assertTrue(result.out().startsWith("[@" + checkout.dist() + "/jvm.args]"), result.out());
        assertEquals("", result.err());
        assertEquals(7, result.status());
    }

    @Test
    void inputIsUntouched() throws Exception {
        Checkout checkout = new Checkout(scratch.resolve("c")).built();
        Result result = run(checkout.root, "one\ntwo\n", Map.of(), command("./runsc"));
        assertEquals("\nin " + checkout.root + "\none\ntwo\n", after(result.out(), ENDING));
    }

    /** Else the JVM's files would get their numbers, and a container would read them. */
    @Test
    void closedStandardDescriptorsAreOpened() throws Exception {
        Checkout checkout = new Checkout(scratch.resolve("c")).built();
        String script = "#!/bin/sh\nseen=$(readlink /proc/$$/fd/[0-2])\necho \"$seen\" > seen\n";
        Checkout.script(checkout.root.resolve("jvm"), script);
        for (String closed : List.of("<&-", ">&-", "2>&-", "<&- >&- 2>&-")) {
            run(checkout.root, "", Map.of(), command("sh", "-c", "./runsc " + closed));
            List<String> seen = Files.readAllLines(checkout.root.resolve("seen"));
            assertEquals(3, seen.size(), seen::toString);
            long opened = seen.stream().filter("/dev/null"::equals).count();
            assertEquals(closed.length() > 4 ? 3 : 1, opened, seen::toString);
        }
    }

    @Test
    void anyNameWorksFromAnyFolder() throws Exception {
        Checkout checkout = new Checkout(scratch.resolve("a 'b c")).built();
        Path elsewhere = Files.createDirectories(scratch.resolve("x/y"));
        Files.createSymbolicLink(elsewhere.resolve("link"), Path.of("../../a 'b c/runsc"));
        Files.createSymbolicLink(elsewhere.resolve("second"), Path.of("link"));
        Files.createSymbolicLink(elsewhere.resolve("folder"), checkout.root);
        Files.delete(checkout.dist().resolve("launch"));
        String quoted = checkout.dist().toString().replace("'", "'\\''");
        String java = checkout.root.resolve("jvm").toString().replace("'", "'\\''");
        Files.writeString(
                checkout.dist().resolve("launch"), "built='" + quoted + "'\njava='" + java + "'\n");
        Path absolute = checkout.root.resolve("runsc");
        for (String name :
                List.of(
                        absolute.toString(),
                        "./link",
                        "./second",
                        "folder/runsc",
                        "../../a 'b c/runsc")) {
            Result result = run(elsewhere, "", Map.of(), command(name, "x"));
            assertEquals(
                    "[x]\nin " + elsewhere + "\n",
                    after(result.out(), ENDING),
                    name + ": " + result.err());
        }
        Map<String, String> path = Map.of("PATH", elsewhere + ":/usr/bin:/bin");
        Result result = run(scratch, "", path, List.of("sh", "-c", "link y"));
        assertEquals("[y]\nin " + scratch + "\n", after(result.out(), ENDING), result.err());
    }

    /** Deleting a bundle must not keep a shim, which is in it, from deleting the container. */
    @Test
    void aDeletedFolder() throws Exception {
        Checkout checkout = new Checkout(scratch.resolve("c")).built();
        String script =
                "mkdir gone; cd gone; rmdir ../gone; exec " + checkout.root.resolve("runsc") + " ";
        Result asks = run(scratch, "", Map.of(), command("sh", "-c", script + "delete -f x"));
        assertEquals("[delete][-f][x]\nin /\n", after(asks.out(), ENDING));
        Result starts = run(scratch, "", Map.of(), command("sh", "-c", script + "run x"));
        assertEquals("", starts.out());
        assertEquals(128, starts.status());
        assertTrue(starts.err().endsWith("directory does not exist any more\n"), starts.err());
    }

    @Test
    void aStartRunsNothingButTheJvm() throws Exception {
        Checkout checkout = new Checkout(scratch.resolve("c")).built();
        Path trace = scratch.resolve("trace");
        List<String> strace =
                List.of("-f", "-o", trace.toString(), "-e", "trace=process", "./runsc");
        run(checkout.root, "", Map.of(), command("strace", strace.toArray(String[]::new)));
        List<String> calls =
                Files.readAllLines(trace).stream()
                        .takeWhile(line -> !line.contains("/jvm\""))
                        .toList();
        assertEquals(
                1,
                calls.stream().filter(line -> line.contains("execve(")).count(),
                calls.toString());
        assertEquals(
                0,
                calls.stream().filter(line -> line.matches(".*\\b(v?fork|clone3?)\\(.*")).count());
    }

    @Test
    void whatIsNotBuiltIsBuiltOnceEvenByTwoAtATime() throws Exception {
        Checkout checkout = new Checkout(scratch.resolve("c")).built();
        Path launch = checkout.dist().resolve("launch");
        Path kept = Files.move(launch, scratch.resolve("launch"));
        String maven =
                "#!/bin/sh\necho built >>"
                        + scratch
                        + "/builds\ncat "
                        + kept
                        + " >"
                        + launch
                        + "\n";
        Path programs = checkout.programs("programs", TOOLS, Map.of("mvn", maven));
        Map<String, String> path = Map.of("PATH", programs.toString());
        List<String> two = List.of("sh", "-c", "./runsc one >first & ./runsc two >second; wait");
        Result result = run(checkout.root, "input", path, two);
        assertEquals(List.of("built"), Files.readAllLines(scratch.resolve("builds")), result.err());
        assertTrue(Files.readString(checkout.root.resolve("first")).contains("[one]"));
        assertTrue(Files.readString(checkout.root.resolve("second")).contains("[two]"));
        assertEquals(1, result.err().lines().filter(line -> line.equals("runsc: built.")).count());

        run(checkout.root, "", path, command("./runsc"));
        assertEquals(List.of("built"), Files.readAllLines(scratch.resolve("builds")));
        Map<String, String> rebuild = Map.of("PATH", programs.toString(), "RUNSC_REBUILD", "1");
        run(checkout.root, "", rebuild, command("./runsc"));
        assertEquals(List.of("built", "built"), Files.readAllLines(scratch.resolve("builds")));
    }

    @Test
    void aFailedBuildSaysWhy() throws Exception {
        Checkout checkout = new Checkout(scratch.resolve("c"));
        Path programs =
                checkout.programs(
                        "programs", TOOLS, Map.of("mvn", "#!/bin/sh\necho cannot; exit 1\n"));
        Result result =
                run(checkout.root, "", Map.of("PATH", programs.toString()), command("./runsc"));
        assertEquals(128, result.status());
        assertEquals("", result.out());
        assertTrue(result.err().contains("runsc: build: cannot\n"), result.err());
        assertTrue(result.err().contains("target/build.log\n"), result.err());
    }

    @Test
    void aMissingToolIsNamedInOneLine() throws Exception {
        List<String> noMaven = TOOLS;
        List<String> noCompiler = TOOLS.stream().filter(tool -> !tool.equals("gcc")).toList();
        List<String> noMake = TOOLS.stream().filter(tool -> !tool.equals("make")).toList();
        Map<String, String> maven = Map.of("mvn", "#!/bin/sh\nexit 1\n");
        assertEquals(128, missing("Maven is missing", noMaven, Map.of()).status());
        assertEquals(128, missing("a C compiler is missing", noCompiler, maven).status());
        assertEquals(128, missing("make is missing", noMake, maven).status());
    }

    private Result missing(String message, List<String> tools, Map<String, String> scripts)
            throws Exception {
        Checkout checkout = new Checkout(Files.createTempDirectory(scratch, "missing"));
        Path programs = checkout.programs("programs", tools, scripts);
        Result result =
                run(
                        checkout.root,
                        "",
                        Map.of("PATH", programs.toString()),
                        command("./runsc", "help"));
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().startsWith("runsc: " + message), result.err());
        assertTrue(result.err().contains("install"), result.err());
        return result;
    }

    @Test
    void theJdkIsFoundByItsReleaseFile() throws Exception {
        Checkout checkout = new Checkout(scratch.resolve("c"));
        Path old = jdk("jdk-21", "21.0.4");
        Path young = jdk("jdk-26", "26-ea");
        Path ours = jdk("jdk-25", "25.0.1");
        assertEquals(ours.toString(), found(checkout, Map.of("JAVA_HOME", ours.toString())));
        assertEquals(young.toString(), found(checkout, Map.of("JAVA_HOME", young.toString())));
        String fallback = found(checkout, Map.of("JAVA_HOME", old.toString()));
        assertTrue(!fallback.equals(old.toString()), "21 is too old");
    }

    private Path jdk(String name, String version) throws IOException {
        Path home = Files.createDirectories(scratch.resolve(name));
        Files.createDirectories(home.resolve("bin"));
        Checkout.script(home.resolve("bin/java"), "#!/bin/sh\n");
        Checkout.script(home.resolve("bin/javac"), "#!/bin/sh\n");
        Files.writeString(
                home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    private static String found(Checkout checkout, Map<String, String> environment)
            throws Exception {
        String script =
                ". ./runtime-cli/src/main/build/build.sh; find_jdk; printf %s \"$JAVA_HOME\"";
        Result result = run(checkout.root, "", environment, List.of("sh", "-c", script));
        assertEquals(0, result.status(), result.err());
        return result.out();
    }

    private static String after(String text, String mark) {
        int at = text.indexOf(mark + "]");
        assertTrue(at >= 0, text);
        return text.substring(at + mark.length() + 1);
    }
}
