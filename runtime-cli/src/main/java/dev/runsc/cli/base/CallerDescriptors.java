package dev.runsc.cli.base;

import dev.runsc.gofer.abi.OpenFlags;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * The descriptors that the caller of this program has opened for it. Flags may name those alone: a
 * number that the JVM has taken for a file of its own is none of the caller's.
 *
 * <p>They are found before this program opens anything. What the JVM has opened until then is
 * known: its modules and the jars of the class path (it opens files without close-on-exec, so that
 * a flag of the descriptor says it of some only).
 */
public final class CallerDescriptors {
    private static final String FOLDER = "/proc/self/fd/";
    private static final int OCTAL = 8;

    /** What {@code fdinfo} has before the status flags (proc_pid_fdinfo(5)). */
    private static final String FLAGS = "flags:\t";

    private static Set<Integer> given = Set.of();

    private CallerDescriptors() {}

    /**
     * Finds them, if a flag may name one. The first thing that this program does.
     *
     * @param args the words of its call
     */
    public static void note(String[] args) throws Failure {
        for (String word : args) {
            if (word.contains("-fd")) {
                given = find();
                return;
            }
        }
    }

    private static Set<Integer> find() throws Failure {
        try {
            Set<String> own = ownFiles();
            Set<Integer> found = new HashSet<>();
            String[] numbers = new File(FOLDER).list();
            if (numbers == null) {
                throw new Failure("the open descriptors cannot be read from " + FOLDER);
            }
            for (String number : numbers) {
                if (isInherited(number)
                        && !own.contains(new File(FOLDER + number).getCanonicalPath())) {
                    found.add(Integer.parseInt(number));
                }
            }
            return found;
        } catch (IOException e) {
            throw new Failure("descriptors: " + Failure.reason(e), e);
        }
    }

    /** What the JVM opens by itself. */
    private static Set<String> ownFiles() throws IOException {
        Set<String> files = new HashSet<>();
        files.add(new File(System.getProperty("java.home", ""), "lib/modules").getCanonicalPath());
        for (String path :
                System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
            files.add(new File(path).getCanonicalPath());
        }
        return files;
    }

    /** Not one that this process has marked as its own, nor the folder that was just listed. */
    private static boolean isInherited(String number) throws IOException {
        String text;
        try (FileInputStream in = new FileInputStream("/proc/self/fdinfo/" + number)) {
            text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (FileNotFoundException closed) {
            return false;
        }
        int from = text.indexOf(FLAGS) + FLAGS.length();
        int flags = Integer.parseInt(text.substring(from, text.indexOf('\n', from)), OCTAL);
        return (flags & OpenFlags.O_CLOEXEC) == 0;
    }

    /**
     * Refuses a descriptor that is not the caller's.
     *
     * @param flag by which it was named
     */
    public static int require(String flag, int fd) throws Failure {
        if (!given.contains(fd)) {
            throw new Failure(flag + ": descriptor " + fd + " is not open where runsc is called");
        }
        return fd;
    }
}
