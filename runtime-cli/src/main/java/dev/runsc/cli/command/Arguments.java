package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.command.Options.Kind;
import dev.runsc.cli.command.Options.Option;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The words a command was called with, checked against its {@link Options}. Options end at the
 * first word that is none. As with Go's flags, {@code -name} counts as {@code --name} and a flag
 * may say {@code =true} or {@code =false}; as with getopt's, flags of one letter may be written
 * together.
 */
public final class Arguments {
    private final Options options;
    private final Map<String, List<String>> values = new HashMap<>();
    private final List<String> original;
    private List<String> words = List.of();

    private Arguments(Options options, List<String> original) {
        this.options = options;
        this.original = original;
    }

    /** Reads the words after the command's name. */
    static Arguments parse(Options options, List<String> words) throws Failure {
        Arguments arguments = new Arguments(options, words);
        int index = 0;
        while (index < words.size() && isOption(words.get(index))) {
            index += arguments.take(index);
        }
        if (index < words.size() && words.get(index).equals("--")) {
            index++;
        }
        arguments.words = words.subList(index, words.size());
        return arguments;
    }

    private static boolean isOption(String word) {
        return word.length() > 1 && word.charAt(0) == '-' && !word.equals("--");
    }

    /** Takes the option at an index; returns how many words it is. */
    private int take(int index) throws Failure {
        String word = original.get(index);
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        Option option = options.find(name);
        if (option == null && !word.startsWith("--")) {
            option = options.find("-" + name);
            if (option == null && equals < 0) {
                takeLetters(word);
                return 1;
            }
        }
        if (option == null) {
            throw wrong("flag provided but not defined: " + name);
        }
        if (equals >= 0) {
            set(option, word.substring(equals + 1));
            return 1;
        }
        if (option.kind() == Kind.FLAG) {
            set(option, "true");
            return 1;
        }
        if (index + 1 >= original.size()) {
            throw wrong("flag needs an argument: " + name);
        }
        set(option, original.get(index + 1));
        return 2;
    }

    /** {@code -fd} for {@code -f -d}. */
    private void takeLetters(String word) throws Failure {
        for (int i = 1; i < word.length(); i++) {
            Option option = options.find("-" + word.charAt(i));
            if (option == null || option.kind() != Kind.FLAG) {
                throw wrong("flag provided but not defined: " + word);
            }
            set(option, "true");
        }
    }

    private void set(Option option, String value) throws Failure {
        String checked = value;
        if (option.kind() == Kind.FLAG) {
            checked =
                    switch (value) {
                        case "true", "1" -> "true";
                        case "false", "0" -> "false";
                        default ->
                                throw wrong(
                                        "invalid boolean value \""
                                                + value
                                                + "\" for "
                                                + option.name());
                    };
        }
        List<String> list = values.computeIfAbsent(option.name(), n -> new ArrayList<>());
        if (option.kind() != Kind.LIST) {
            // The last one counts.
            list.clear();
        }
        list.add(checked);
    }

    private Failure wrong(String message) {
        return new Failure("runsc " + options.command() + ": " + message);
    }

    /** The call as it was. */
    List<String> original() {
        return original;
    }

    public boolean isHelpRequested() {
        return is("--help");
    }

    public boolean is(String flag) {
        return text(flag, "false").equals("true");
    }

    public String text(String option, String otherwise) {
        String value = find(option);
        return value == null ? otherwise : value;
    }

    public @Nullable String find(String option) {
        List<String> list = values.get(option);
        return list == null ? null : list.getLast();
    }

    public List<String> all(String option) {
        List<String> list = values.get(option);
        return list == null ? List.of() : list;
    }

    /** A path, relative to the working directory, made absolute. */
    public @Nullable Path findPath(String option) throws Failure {
        String text = find(option);
        return text == null || text.isEmpty() ? null : path(text);
    }

    public Path path(String option, String otherwise) throws Failure {
        return path(text(option, otherwise));
    }

    private static Path path(String text) throws Failure {
        try {
            return Path.of(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new Failure("invalid path: " + Failure.reason(e), e);
        }
    }

    public int number(String option, int otherwise, int least, int most) throws Failure {
        String text = find(option);
        if (text == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new Failure("invalid value \"" + text + "\" for flag " + option, e);
        }
        throw new Failure("invalid value \"" + text + "\" for flag " + option);
    }

    /** The words behind the options. */
    public List<String> words() {
        return words;
    }

    /** The only word. */
    public String only(String what) throws Failure {
        requireWords(1, 1, what);
        return words.getFirst();
    }

    /** Refuses another number of words; {@code most} below zero is no bound. */
    public void requireWords(int least, int most, String what) throws Failure {
        if (words.size() < least) {
            throw wrong("missing argument: " + what);
        }
        if (most >= 0 && words.size() > most) {
            throw wrong("unexpected argument: " + words.get(most));
        }
    }
}
