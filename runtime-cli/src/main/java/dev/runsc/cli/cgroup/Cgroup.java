package dev.runsc.cli.cgroup;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** One cgroup of the host. */
public abstract sealed class Cgroup permits CgroupV1, CgroupV2 {
    static final String PROCESSES = "cgroup.procs";
    private static final String KILL = "cgroup.kill";

    /** How long the processes of a cgroup that goes may take to end. */
    private static final int END_SECONDS = 10;

    /** Version 1 tells nobody when a directory may go: this long between two attempts. */
    private static final long ATTEMPT_NANOS = 1_000_000;

    private final CgroupState state;
    private final List<String> made;

    Cgroup(CgroupState state) {
        this.state = state;
        this.made = new ArrayList<>(state.made());
    }

    /**
     * Makes a cgroup with its limits.
     *
     * @param cgroupsPath of config.json: absolute, or relative to the cgroup of this process
     */
    public static Cgroup create(CgroupMounts mounts, String cgroupsPath, Resources resources)
            throws Failure {
        if (cgroupsPath.indexOf('\0') >= 0) {
            throw new Failure("linux.cgroupsPath has a zero byte");
        }
        Map<String, String> directories = new java.util.LinkedHashMap<>();
        for (Map.Entry<String, CgroupMounts.Place> place : mounts.places().entrySet()) {
            Path directory = place.getValue().directory(mounts.version(), cgroupsPath);
            if (CgroupMounts.Place.clean(cgroupsPath).equals("/")
                    || directory.equals(place.getValue().mountPoint())) {
                throw new Failure("linux.cgroupsPath \"" + cgroupsPath + "\" is the root cgroup");
            }
            directories.put(place.getKey(), directory.toString());
        }
        Cgroup cgroup =
                open(new CgroupState(mounts.version(), cgroupsPath, directories, List.of(), "{}"));
        boolean good = false;
        try {
            for (Map.Entry<String, CgroupMounts.Place> place : mounts.places().entrySet()) {
                cgroup.makeDirectories(place.getKey(), place.getValue().mountPoint());
            }
            cgroup.apply(resources);
            if (cgroup.isFrozen()) {
                // What joins would never get to say that it is there.
                throw new Failure("cgroup " + cgroupsPath + " is frozen, or one above it");
            }
            good = true;
            return cgroup;
        } finally {
            if (!good) {
                cgroup.deleteQuietly();
            }
        }
    }

    /** Whether a failure comes from what this user may not make or change: its cgroups, or any. */
    public static boolean isUnwritable(Failure failure) {
        if (!(failure.getCause() instanceof FileSystemException e) || e.getFile() == null) {
            return false;
        }
        Path at = Path.of(e.getFile());
        while (!Files.exists(at) && at.getParent() != null) {
            at = at.getParent();
        }
        // False too where the file system is mounted read-only.
        return !Files.isWritable(at);
    }

    /** A cgroup that a state file names. */
    public static Cgroup open(CgroupState state) {
        return state.version() == 1 ? new CgroupV1(state) : new CgroupV2(state);
    }

    /** For a state file. */
    public CgroupState state(Resources inForce) {
        return new CgroupState(
                state.version(),
                state.path(),
                state.directories(),
                List.copyOf(made),
                ResourcesText.write(inForce));
    }

    /** Its directories; version 1 may have several controllers in one. */
    Set<Path> directories() {
        Set<Path> directories = new LinkedHashSet<>();
        state.directories().values().forEach(name -> directories.add(Path.of(name)));
        return directories;
    }

    /** The directory of a controller, if this host has it. */
    Optional<Path> directory(String controller) {
        return Optional.ofNullable(state.directories().get(controller)).map(Path::of);
    }

    private void makeDirectories(String controller, Path mountPoint) throws Failure {
        Path directory = Path.of(String.valueOf(state.directories().get(controller)));
        Path at = mountPoint;
        prepareParent(controller, at);
        for (Path name : mountPoint.relativize(directory)) {
            at = at.resolve(name);
            try {
                Files.createDirectory(at);
                made.add(at.toString());
            } catch (java.nio.file.FileAlreadyExistsException e) {
                DebugLog.write("cgroup " + at + " was there before");
            } catch (IOException e) {
                throw new Failure("creating cgroup: " + Failure.reason(e), e);
            }
            if (at.equals(directory)) {
                prepare(controller, at);
            } else {
                prepareParent(controller, at);
            }
        }
    }

    /** Does what a directory above the cgroup's needs before it has another below it. */
    abstract void prepareParent(String controller, Path directory) throws Failure;

    /** Does what the cgroup's own directory needs before a process may join. */
    abstract void prepare(String controller, Path directory) throws Failure;

    /** Sets the limits that are wanted; leaves the others. */
    public abstract void apply(Resources resources) throws Failure;

    /** Whether its processes are stopped, by somebody who has frozen it or one above it. */
    abstract boolean isFrozen() throws Failure;

    public abstract CgroupStats stats() throws Failure;

    /** How many processors its processes may use; 0 when that is not bounded. */
    public abstract int processors() throws Failure;

    /** How many processors' worth of time they get; 0 when that is not bounded. */
    public abstract double processorQuota() throws Failure;

    /** Bytes of memory; {@link Long#MAX_VALUE} for no limit. */
    public abstract long memoryLimit() throws Failure;

    /** Moves a process in. What it starts later is in from its start. */
    public void join(int pid) throws Failure {
        for (Path directory : directories()) {
            CgroupFiles.write(directory, PROCESSES, String.valueOf(pid));
        }
    }

    /**
     * Removes what we have made. Processes that are still inside directories of ours are killed: a
     * cgroup goes with its container.
     */
    public void delete() throws Failure {
        Failure first = null;
        for (int i = made.size() - 1; i >= 0; i--) {
            Path directory = Path.of(made.get(i));
            try {
                if (directories().contains(directory)) {
                    remove(directory);
                } else {
                    removeParent(directory);
                }
            } catch (Failure e) {
                // The others can still go.
                if (first == null) {
                    first = e;
                } else {
                    DebugLog.write(e.getMessage());
                }
            }
        }
        made.clear();
        if (first != null) {
            throw first;
        }
    }

    /** As {@link #delete} where another failure is already on its way to the user. */
    public void deleteQuietly() {
        try {
            delete();
        } catch (Failure e) {
            DebugLog.write(e.getMessage());
        }
    }

    private static void remove(Path directory) throws Failure {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
        while (true) {
            killAll(directory);
            List<Path> inner = below(directory);
            awaitEnd(directory, processesIn(directory, inner));
            try {
                for (Path each : inner) {
                    Files.deleteIfExists(each);
                }
                Files.deleteIfExists(directory);
                return;
            } catch (IOException e) {
                // The last thread is gone for its parent a moment before it is for the cgroup.
                if (System.nanoTime() - end > 0) {
                    throw new Failure("deleting cgroup: " + Failure.reason(e), e);
                }
                LockSupport.parkNanos(ATTEMPT_NANOS);
            }
        }
    }

    /** Version 2 can end all there is at and below a cgroup, what is being forked too. */
    private static void killAll(Path directory) {
        if (Files.exists(directory.resolve(KILL))) {
            try {
                CgroupFiles.put(directory, KILL, "1");
            } catch (IOException e) {
                // Of no use in a threaded cgroup; the processes are ended one by one then.
                DebugLog.write(directory + "/" + KILL + ": " + Failure.reason(e));
            }
        }
    }

    /** The cgroups that others have made below one, the deepest first. */
    private static List<Path> below(Path directory) throws Failure {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(each -> Files.isDirectory(each) && !each.equals(directory))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException | UncheckedIOException e) {
            // One that goes while we look; the attempt to delete shows what is left.
            DebugLog.write("below " + directory + ": " + e.getMessage());
            return List.of();
        }
    }

    private static void awaitEnd(Path directory, List<ProcessHandle> processes) throws Failure {
        processes.forEach(ProcessHandle::destroyForcibly);
        CompletableFuture<?>[] ends =
                processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(ends).get(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("deleting cgroup " + directory + ": interrupted", e);
        } catch (java.util.concurrent.ExecutionException
                | java.util.concurrent.TimeoutException e) {
            throw new Failure("deleting cgroup " + directory + ": its processes do not end", e);
        }
    }

    private static List<ProcessHandle> processesIn(Path directory, List<Path> below)
            throws Failure {
        List<ProcessHandle> list = new ArrayList<>();
        for (Path each : Stream.concat(Stream.of(directory), below.stream()).toList()) {
            for (String line : CgroupFiles.textIfThere(each, PROCESSES).split("\n")) {
                if (!line.isEmpty()) {
                    // Not there: it ended between two looks.
                    ProcessHandle.of(Long.parseLong(line)).ifPresent(list::add);
                }
            }
        }
        return list;
    }

    /** A directory above ours, which others may use by now. */
    private static void removeParent(Path directory) {
        try {
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException | NoSuchFileException e) {
            DebugLog.write("keeping " + directory);
        } catch (IOException e) {
            DebugLog.write("keeping " + directory + ": " + Failure.reason(e));
        }
    }
}
