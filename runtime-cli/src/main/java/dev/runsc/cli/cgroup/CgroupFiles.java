package dev.runsc.cli.cgroup;

import dev.runsc.cli.base.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The files of cgroup directories: numbers, lists and tables as text. */
final class CgroupFiles {
    /** Stands for no limit in version 2, and in version 1's {@code pids.max}. */
    static final String MAX = "max";

    /** What {@link #number} gives for {@link #MAX}. */
    static final long NO_LIMIT = Long.MAX_VALUE;

    /** Limits of version 1 are rounded down to pages: what is as large as this is none. */
    private static final long NEARLY_NO_LIMIT = Long.MAX_VALUE - (1 << 20);

    private CgroupFiles() {}

    static void write(Path directory, String file, String value) throws Failure {
        try {
            put(directory, file, value);
        } catch (IOException e) {
            throw failure(directory.resolve(file), value, e);
        }
    }

    /** As {@link #write} with the host's own error. */
    static void put(Path directory, String file, String value) throws IOException {
        Files.write(
                directory.resolve(file),
                value.getBytes(StandardCharsets.UTF_8),
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
    }

    static Failure failure(Path file, String value, IOException e) {
        String reason = Failure.reason(e);
        String named = reason.startsWith(file.toString()) ? reason : file + ": " + reason;
        return new Failure("configuring cgroup: writing \"" + value + "\" to " + named, e);
    }

    /** The text without the white space at its end. */
    static String text(Path directory, String file) throws Failure {
        try {
            return Files.readString(directory.resolve(file)).strip();
        } catch (IOException e) {
            throw new Failure("reading cgroup: " + Failure.reason(e), e);
        }
    }

    /** As {@link #text}, or nothing when the kernel has no such file. */
    static String textIfThere(Path directory, String file) throws Failure {
        try {
            return Files.readString(directory.resolve(file)).strip();
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new Failure("reading cgroup: " + Failure.reason(e), e);
        }
    }

    /** The only number of a file; 0 when the kernel has no such file. */
    static long number(Path directory, String file) throws Failure {
        return number(textIfThere(directory, file));
    }

    static long number(String text) {
        if (text.equals(MAX)) {
            return NO_LIMIT;
        }
        try {
            long number = Long.parseLong(text);
            return number >= NEARLY_NO_LIMIT ? NO_LIMIT : number;
        } catch (NumberFormatException e) {
            // Larger than any of our numbers, or no number at all.
            return text.isEmpty() || !Character.isDigit(text.charAt(0)) ? 0 : NO_LIMIT;
        }
    }

    /** Lines of a name and a number. */
    static Map<String, Long> table(Path directory, String file) throws Failure {
        Map<String, Long> table = new LinkedHashMap<>();
        for (String line : textIfThere(directory, file).split("\n")) {
            int space = line.indexOf(' ');
            if (space > 0) {
                table.put(line.substring(0, space), number(line.substring(space + 1).strip()));
            }
        }
        return table;
    }

    static List<Long> numbers(Path directory, String file) throws Failure {
        List<Long> numbers = new ArrayList<>();
        for (String word : textIfThere(directory, file).split("\\s+")) {
            if (!word.isEmpty()) {
                numbers.add(number(word));
            }
        }
        return numbers;
    }

    /** How many numbers a list like {@code 0-3,7} names. */
    static int count(String list) {
        int count = 0;
        for (String range : list.strip().split(",")) {
            int dash = range.indexOf('-');
            if (dash > 0) {
                count +=
                        (int) (number(range.substring(dash + 1)) - number(range.substring(0, dash)))
                                + 1;
            } else if (!range.isEmpty()) {
                count++;
            }
        }
        return count;
    }
}
