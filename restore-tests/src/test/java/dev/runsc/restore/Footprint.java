package dev.runsc.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The host processes of a container, as they are while it runs: for seeing that none is left later.
 */
final class Footprint {
    private static final Pattern SANDBOX = Pattern.compile("\"pid\" *: *([0-9]+)");
    private static final Pattern GOFER = Pattern.compile("\"goferPid\" *: *([0-9]+)");
    private static final String MEMORY_FILE = "/memfd:runsc-memory";
    private static final long PATIENCE_SECONDS = 20;

    /** The sandbox, the gofer; behind them the stubs. */
    private final List<ProcessHandle> processes = new ArrayList<>();

    private Footprint() {}

    /** The processes of a container that runs. */
    static Footprint of(Runsc runsc, String id) throws IOException {
        Footprint footprint = new Footprint();
        String state = state(runsc, id);
        for (Pattern pattern : List.of(SANDBOX, GOFER)) {
            Matcher matcher = pattern.matcher(state);
            if (!matcher.find()) {
                throw new AssertionError("no process in " + state);
            }
            ProcessHandle.of(Long.parseLong(matcher.group(1))).ifPresent(footprint::add);
        }
        Set<Object> memoryFiles = memoryFiles(footprint.sandbox().pid());
        ProcessHandle.allProcesses()
                .filter(process ->
                        memoryFiles(process.pid()).stream().anyMatch(memoryFiles::contains))
                .forEach(footprint::add);
        if (footprint.processes.size() < 3) {
            throw new AssertionError("a sandbox, a gofer and a stub at least: " + footprint);
        }
        return footprint;
    }

    private void add(ProcessHandle process) {
        if (!processes.contains(process)) {
            processes.add(process);
        }
    }

    private static String state(Runsc runsc, String id) throws IOException {
        try (Stream<Path> files = Files.list(runsc.root())) {
            Path file =
                    files.filter(each -> each.getFileName().toString().startsWith(id + "_"))
                            .filter(each -> each.toString().endsWith(".state"))
                            .findFirst()
                            .orElseThrow(() -> new AssertionError("no state of " + id));
            return Files.readString(file);
        }
    }

    /** What tells the memory files apart that a process has open. */
    private static Set<Object> memoryFiles(long pid) {
        Set<Object> files = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                if (Files.readSymbolicLink(descriptor).toString().startsWith(MEMORY_FILE)) {
                    files.add(Files.getAttribute(descriptor, "unix:ino"));
                }
            }
        } catch (NoSuchFileException e) {
            return files; // it has ended, or closed the descriptor
        } catch (IOException e) {
            return files; // somebody else's
        }
        return files;
    }

    ProcessHandle sandbox() {
        return processes.get(0);
    }

    ProcessHandle gofer() {
        return processes.get(1);
    }

    /** Waits until all of them have ended. */
    void awaitGone() throws InterruptedException {
        for (ProcessHandle process : processes) {
            try {
                process.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                throw new AssertionError("left running: " + describe(process), e);
            } catch (ExecutionException e) {
                throw new AssertionError(describe(process), e);
            }
        }
    }

    private static String describe(ProcessHandle process) {
        return process.pid() + " " + process.info().commandLine().orElse("(no command line)");
    }

    @Override
    public String toString() {
        return processes.stream().map(Footprint::describe).toList().toString();
    }
}
