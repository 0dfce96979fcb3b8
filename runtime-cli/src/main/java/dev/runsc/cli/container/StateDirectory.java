package dev.runsc.cli.container;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.json.JsonFault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of a root directory, named {@code CONTAINER_sandbox:SANDBOX.state} and {@code .lock}.
 */
public final class StateDirectory {
    /** Besides letters and digits of ASCII. */
    private static final String ID_SIGNS = "_+.-";

    private static final String SANDBOX_MARK = "_sandbox:";
    private static final String STATE_SUFFIX = ".state";
    private static final String LOCK_SUFFIX = ".lock";

    /** Longest id: two of them and the marks fit into a file name of 255 bytes. */
    private static final int ID_MAX = 100;

    /** A state file holds a config.json, of at most 16 MiB, and little besides. */
    private static final int STATE_BYTES_MAX = 17 << 20;

    private final Path root;

    public StateDirectory(Path root) {
        this.root = root;
    }

    public Path root() {
        return root;
    }

    /** Refuses an id that cannot name a file. */
    public static void checkId(String id) throws Failure {
        boolean valid =
                !id.isEmpty()
                        && id.chars()
                                .allMatch(c ->
                                        c < 0x80
                                                && (Character.isLetterOrDigit(c)
                                                        || ID_SIGNS.indexOf(c) >= 0));
        if (!valid) {
            throw new Failure("invalid container id \"" + id + "\"");
        }
        if (id.length() > ID_MAX) {
            throw new Failure("invalid container id: longer than " + ID_MAX + " characters");
        }
    }

    /** Makes the directory when missing: others may pass through it, only the owner may look. */
    public void create() throws Failure {
        try {
            Path parent = root.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            if (!Files.isDirectory(root)) {
                Files.createDirectories(
                        root,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx--x--x")));
            }
        } catch (IOException e) {
            throw new Failure("creating root directory: " + Failure.reason(e), e);
        }
    }

    /**
     * Locks an id that is to become a container.
     *
     * @param sandbox the sandbox's id, which is that of its first container
     */
    public ContainerLock lockForNew(String id, String sandbox) throws Failure {
        ContainerLock lock =
                ContainerLock.take(root.resolve(id + SANDBOX_MARK + sandbox + LOCK_SUFFIX));
        boolean free = false;
        try {
            String other = findExact(id);
            if (other != null) {
                throw new Failure("container \"" + id + "\" already exists");
            }
            free = true;
            return lock;
        } finally {
            if (!free) {
                lock.close();
            }
        }
    }

    /** Locks a container; its state must be read after this. */
    public ContainerLock lock(String id) throws Failure {
        ContainerLock lock = ContainerLock.take(root.resolve(require(id) + LOCK_SUFFIX));
        boolean there = false;
        try {
            there = findExact(id) != null;
            if (!there) {
                // Deleted while we waited; what we hold is a lock file that we have just made.
                lock.removeFile();
                throw notThere(id);
            }
            return lock;
        } catch (IOException e) {
            throw new Failure("locking container: " + Failure.reason(e), e);
        } finally {
            if (!there) {
                lock.close();
            }
        }
    }

    /** True when some command holds the container's lock just now. */
    public boolean isLocked(String id) throws Failure {
        return ContainerLock.isHeld(root.resolve(require(id) + LOCK_SUFFIX));
    }

    /** The full id for an id or the beginning of one. */
    public String resolve(String reference) throws Failure {
        checkId(reference);
        if (findExact(reference) != null) {
            return reference;
        }
        List<String> hits = new ArrayList<>();
        for (String name : names(STATE_SUFFIX)) {
            if (name.startsWith(reference)) {
                hits.add(name.substring(0, name.indexOf(SANDBOX_MARK)));
            }
        }
        if (hits.isEmpty()) {
            throw notThere(reference);
        }
        if (hits.size() > 1) {
            StringBuilder list = new StringBuilder();
            for (String hit : hits) {
                list.append(list.isEmpty() ? "" : ", ").append('"').append(hit).append('"');
            }
            throw new Failure(
                    "id \""
                            + reference
                            + "\" is ambiguous and could refer to multiple containers: "
                            + list);
        }
        return hits.getFirst();
    }

    /** The state of the container with this full id. */
    public ContainerState read(String id) throws Failure {
        Path file = root.resolve(require(id) + STATE_SUFFIX);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(STATE_BYTES_MAX + 1);
            if (bytes.length > STATE_BYTES_MAX) {
                throw new Failure("loading container \"" + id + "\": state file is too large");
            }
            return ContainerState.parse(file.getFileName().toString(), bytes);
        } catch (NoSuchFileException e) {
            throw notThere(id);
        } catch (IOException e) {
            throw new Failure("loading container \"" + id + "\": " + Failure.reason(e), e);
        } catch (JsonFault e) {
            throw new Failure("loading container \"" + id + "\": " + e.getMessage(), e);
        }
    }

    /** Replaces a container's state file. */
    public void write(ContainerState state, ContainerLock lock) throws Failure {
        lock.requireHeld();
        String name = state.id() + SANDBOX_MARK + state.sandbox().id();
        Path temporary = root.resolve("." + name + ".tmp");
        try {
            // Left over by a command that was killed while it wrote, under the same lock.
            Files.deleteIfExists(temporary);
            Files.createFile(
                    temporary,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-r-----")));
            Files.write(temporary, state.toJson().getBytes(StandardCharsets.UTF_8));
            Files.move(
                    temporary, root.resolve(name + STATE_SUFFIX), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new Failure(
                    "saving state of container \"" + state.id() + "\": " + Failure.reason(e), e);
        }
    }

    /** Removes all files of a container; the caller holds its lock. */
    public void remove(String id, ContainerLock lock) throws Failure {
        try {
            String name = findExact(id);
            if (name != null) {
                Files.deleteIfExists(root.resolve("." + name + ".tmp"));
                Files.deleteIfExists(root.resolve(name + STATE_SUFFIX));
            }
            lock.removeFile();
        } catch (IOException e) {
            throw new Failure("deleting container files: " + Failure.reason(e), e);
        }
    }

    /**
     * Removes what a command left that was killed before it wrote the state of a new container, and
     * nobody has locked. Without a state there is nothing else by which such files are found.
     *
     * @return the ids of the sandboxes that it would have been in
     */
    public List<String> removeRemains(String id) throws Failure {
        checkId(id);
        List<String> sandboxes = new ArrayList<>();
        for (String name : names(LOCK_SUFFIX)) {
            Path lockFile = root.resolve(name + LOCK_SUFFIX);
            if (!name.startsWith(id + SANDBOX_MARK) || ContainerLock.isHeld(lockFile)) {
                continue;
            }
            try (ContainerLock lock = ContainerLock.take(lockFile)) {
                if (findExact(id) == null) {
                    Files.deleteIfExists(root.resolve("." + name + ".tmp"));
                    lock.removeFile();
                    sandboxes.add(name.substring(id.length() + SANDBOX_MARK.length()));
                }
            } catch (IOException e) {
                throw new Failure("deleting container files: " + Failure.reason(e), e);
            }
        }
        return sandboxes;
    }

    /** The ids of all containers, sorted. */
    public List<String> list() throws Failure {
        List<String> ids = new ArrayList<>();
        for (String name : names(STATE_SUFFIX)) {
            ids.add(name.substring(0, name.indexOf(SANDBOX_MARK)));
        }
        return ids;
    }

    /** The containers of a sandbox but for its first, sorted by id. */
    public List<ContainerState> further(String sandbox) throws Failure {
        List<ContainerState> states = new ArrayList<>();
        for (String name : names(STATE_SUFFIX)) {
            String id = name.substring(0, name.indexOf(SANDBOX_MARK));
            if (name.equals(id + SANDBOX_MARK + sandbox) && !id.equals(sandbox)) {
                states.add(read(id));
            }
        }
        return states;
    }

    private String require(String id) throws Failure {
        String name = findExact(id);
        if (name == null) {
            throw notThere(id);
        }
        return name;
    }

    private static Failure notThere(String id) {
        return new Failure("loading container \"" + id + "\": container does not exist");
    }

    /** The name, without suffix, of the files of an id. */
    private @Nullable String findExact(String id) throws Failure {
        // The usual case without a look at the whole directory.
        if (Files.exists(root.resolve(id + SANDBOX_MARK + id + STATE_SUFFIX))) {
            return id + SANDBOX_MARK + id;
        }
        for (String name : names(STATE_SUFFIX)) {
            if (name.startsWith(id + SANDBOX_MARK)) {
                return name;
            }
        }
        return null;
    }

    /** The names, without suffix, of all files with a suffix, sorted. */
    private List<String> names(String suffix) throws Failure {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(root)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(suffix) && name.indexOf(SANDBOX_MARK) > 0) {
                    names.add(name.substring(0, name.length() - suffix.length()));
                }
            }
        } catch (NoSuchFileException e) {
            // No container was ever created here.
            DebugLog.write("no root directory yet: " + root);
        } catch (IOException | java.nio.file.DirectoryIteratorException e) {
            throw new Failure("reading root directory: " + Failure.reason(e), e);
        }
        Collections.sort(names);
        return names;
    }
}
