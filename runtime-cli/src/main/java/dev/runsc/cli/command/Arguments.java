package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The words a command was called with, checked against its {@link Options}. */
public final class Arguments {
    private final ParseResult result;
    private final CommandSpec spec;
    private final List<String> words;
    private final List<String> original;

    private Arguments(
            ParseResult result, CommandSpec spec, List<String> words, List<String> original) {
        this.result = result;
        this.spec = spec;
        this.words = words;
        this.original = original;
    }

    /** Reads the words after the command's name. */
    static Arguments parse(Options options, List<String> arguments) throws Failure {
        CommandSpec spec = options.spec();
        CommandLine line = new CommandLine(spec);
        try {
            List<String> normal = normalize(spec, arguments);
            ParseResult result = line.parseArgs(normal.toArray(String[]::new));
            List<String> words =
                    result.hasMatchedPositional(0)
                            ? result.<List<String>>matchedPositionalValue(0, List.of())
                            : List.of();
            return new Arguments(result, spec, words, normal);
        } catch (ParameterException e) {
            throw new Failure(spec.name() + ": " + e.getMessage(), e);
        }
    }

    /**
     * The words as picocli takes them. As with Go's flags, {@code -name} counts as {@code --name}
     * and a flag may say {@code =true} or {@code =false}: other runtimes' users write all of these.
     */
    private static List<String> normalize(CommandSpec spec, List<String> arguments) throws Failure {
        List<String> normal = new ArrayList<>();
        int index = 0;
        while (index < arguments.size() && isOption(arguments.get(index))) {
            String word = arguments.get(index++);
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            OptionSpec option = spec.findOption(name);
            if (option == null && !word.startsWith("--")) {
                option = spec.findOption("-" + name);
                if (option != null) {
                    name = "-" + name;
                    word = "-" + word;
                }
            }
            if (option == null || option.arity().min() > 0) {
                normal.add(word);
                if (option != null && equals < 0 && index < arguments.size()) {
                    normal.add(arguments.get(index++));
                }
            } else if (equals < 0 || isTrue(spec, name, word.substring(name.length() + 1))) {
                normal.add(name);
            }
        }
        normal.addAll(arguments.subList(index, arguments.size()));
        return normal;
    }

    private static boolean isOption(String word) {
        return word.length() > 1 && word.charAt(0) == '-' && !word.equals("--");
    }

    private static boolean isTrue(CommandSpec spec, String name, String value) throws Failure {
        return switch (value) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default ->
                    throw new Failure(
                            spec.name() + ": invalid boolean value \"" + value + "\" for " + name);
        };
    }

    /** The call as it was, less a flag: for a process of ours that does the rest of it. */
    List<String> originalWithout(String flag, String shortFlag) {
        List<String> kept = new ArrayList<>();
        int options = original.size() - words.size();
        for (int i = 0; i < original.size(); i++) {
            String word = original.get(i);
            boolean dropped =
                    word.equals(flag) || word.equals(shortFlag) || word.startsWith(flag + "=");
            if (i >= options || !dropped) {
                kept.add(word);
            }
        }
        return kept;
    }

    public boolean isHelpRequested() {
        return result.isUsageHelpRequested();
    }

    /** The help text of the command. */
    public String usage() {
        return new CommandLine(spec).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    public boolean is(String flag) {
        return result.matchedOptionValue(flag, false);
    }

    public String text(String option, String otherwise) {
        return result.matchedOptionValue(option, otherwise);
    }

    public @Nullable String find(String option) {
        return result.hasMatchedOption(option) ? text(option, "") : null;
    }

    public List<String> all(String option) {
        return result.hasMatchedOption(option)
                ? result.<List<String>>matchedOptionValue(option, List.of())
                : List.of();
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
            throw new Failure(spec.name() + ": missing argument: " + what);
        }
        if (most >= 0 && words.size() > most) {
            throw new Failure(spec.name() + ": unexpected argument: " + words.get(most));
        }
    }
}
