package dev.runsc.cli.command;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Declares what a command takes, in the order of its help text. */
public final class Options {
    /** Whether an option has a value, and how many times. */
    enum Kind {
        FLAG,
        VALUE,
        LIST
    }

    /**
     * One option.
     *
     * @param names with their dashes, the first being the one that code asks for
     * @param label what the help calls the value; empty for a flag
     * @param hidden whether the help leaves it out
     */
    record Option(Kind kind, List<String> names, String label, String description, boolean hidden) {
        String name() {
            return names.getFirst();
        }
    }

    private final String command;
    private final List<Option> options = new ArrayList<>();
    private final Map<String, Option> byName = new HashMap<>();
    private String about = "";
    private String words = "";
    private String wordsDescription = "";

    Options(String command) {
        this.command = command;
        flag("show this help", "--help", "-h");
    }

    /** One line about the command. */
    public Options about(String text) {
        about = text;
        return this;
    }

    /** {@code --name}, {@code --name=true} or {@code --name=false}. */
    public Options flag(String description, String... names) {
        return add(Kind.FLAG, "", description, false, names);
    }

    /** {@code --name VALUE} or {@code --name=VALUE}. */
    public Options value(String label, String description, String... names) {
        return add(Kind.VALUE, label, description, false, names);
    }

    /** As {@link #value}, as often as wanted. */
    public Options list(String label, String description, String... names) {
        return add(Kind.LIST, label, description, false, names);
    }

    /** Words of other runtimes that mean nothing here; taken and left out of the help. */
    public Options ignoredFlag(String... names) {
        return add(Kind.FLAG, "", "", true, names);
    }

    /** As {@link #ignoredFlag}, with a value. */
    public Options ignoredValue(String... names) {
        return add(Kind.VALUE, "", "", true, names);
    }

    /** The words behind the options. */
    public Options words(String label, String description) {
        words = label;
        wordsDescription = description;
        return this;
    }

    private Options add(
            Kind kind, String label, String description, boolean hidden, String... names) {
        Option option = new Option(kind, List.of(names), label, description, hidden);
        options.add(option);
        for (String name : names) {
            if (byName.put(name, option) != null) {
                throw new IllegalStateException(command + " declares " + name + " twice");
            }
        }
        return this;
    }

    String command() {
        return command;
    }

    @Nullable Option find(String name) {
        return byName.get(name);
    }

    List<Option> all() {
        return options;
    }

    String aboutText() {
        return about;
    }

    String wordsLabel() {
        return words;
    }

    String wordsText() {
        return wordsDescription;
    }
}
