package dev.runsc.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Surroundings in which the host has cgroups of version 2 where programs look for them, whatever it
 * has otherwise: a mount namespace, held by a process, with the host's only such hierarchy. It has
 * the controllers that version 1 does not use, and all files of the core.
 */
final class UnifiedCgroups {
    private static final String MOUNT = "/sys/fs/cgroup";
    private static final String SUBTREE = "cgroup.subtree_control";

    private final Command holder;
    private final Set<String> passedOn;

    private UnifiedCgroups(Command holder) throws IOException {
        this.holder = holder;
        this.passedOn = words(SUBTREE);
    }

    /** Opens them; null, and the test is named, where that cannot be. */
    static @Nullable UnifiedCgroups open(String test) throws IOException, InterruptedException {
        String script =
                "mount --make-rprivate / && mount -t cgroup2 cgroup2 "
                        + MOUNT
                        + " && echo ready && exec cat";
        Command holder = Command.start(List.of("unshare", "--mount", "sh", "-c", script));
        if (holder.findLine("ready"::equals) == null) {
            NotRunnable.add(test, "cgroup2 cannot be mounted: " + holder.awaitEnd().err());
            return null;
        }
        return new UnifiedCgroups(holder);
    }

    /** The words before a program that is to run in these surroundings. */
    List<String> prefix() {
        return List.of("nsenter", "--mount", "--target=" + holder.handle().pid(), "--");
    }

    /** As {@link #prefix}, for a program that is itself in a cgroup. */
    List<String> prefixIn(String cgroup) {
        List<String> words = new ArrayList<>(prefix());
        String join = "echo $$ > " + MOUNT + "/" + cgroup + "/cgroup.procs && exec \"$@\"";
        words.addAll(List.of("sh", "-c", join, "sh"));
        return words;
    }

    /** A cgroup's directory, or a file in it. */
    Path path(String name) {
        return Path.of("/proc/" + holder.handle().pid() + "/root" + MOUNT, name);
    }

    /** The words of a file, of the root or of the named cgroup. */
    Set<String> words(String file) throws IOException {
        Set<String> words = new TreeSet<>(List.of(Files.readString(path(file)).split("\\s+")));
        words.remove("");
        return words;
    }

    String text(String file) throws IOException {
        return Files.readString(path(file)).strip();
    }

    void write(String file, String text) throws IOException {
        Files.writeString(path(file), text);
    }

    /** The cgroups at and below one; none when it is not there. */
    List<String> tree(String name) throws IOException {
        Path top = path(name);
        if (!Files.exists(top)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(top)) {
            return all.filter(Files::isDirectory)
                    .map(each -> path("").relativize(each).toString())
                    .sorted()
                    .toList();
        }
    }

    /** Removes a cgroup that has no processes, with those below. */
    void remove(String name) throws IOException {
        for (String each : tree(name).stream().sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(path(each));
        }
    }

    /** Leaves the hierarchy as it was found. */
    void close() throws IOException, InterruptedException {
        for (String controller : words(SUBTREE)) {
            if (!passedOn.contains(controller)) {
                write(SUBTREE, "-" + controller);
            }
        }
        holder.closeInput();
        holder.awaitEnd();
    }
}
