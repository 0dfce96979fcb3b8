package dev.runsc.cli.command;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Declares what a command takes, in the order of its help text. */
public final class Options {
    private static final String ANY = "0..*";

    private final CommandSpec spec = CommandSpec.create();

    Options(String name) {
        spec.name("runsc " + name);
        spec.parser().stopAtPositional(true);
        spec.parser().posixClusteredShortOptionsAllowed(true);
        spec.addOption(
                OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("show this help")
                        .build());
    }

    CommandSpec spec() {
        return spec;
    }

    /** One line about the command. */
    public Options about(String text) {
        spec.usageMessage().description(text);
        return this;
    }

    /** {@code --name}, {@code --name=true} or {@code --name=false}. */
    public Options flag(String description, String... names) {
        spec.addOption(
                OptionSpec.builder(names[0], rest(names))
                        .type(boolean.class)
                        .arity("0")
                        .description(description)
                        .build());
        return this;
    }

    /** {@code --name VALUE} or {@code --name=VALUE}. */
    public Options value(String label, String description, String... names) {
        spec.addOption(
                OptionSpec.builder(names[0], rest(names))
                        .type(String.class)
                        .arity("1")
                        .paramLabel(label)
                        .description(description)
                        .build());
        return this;
    }

    /** As {@link #value}, as often as wanted. */
    public Options list(String label, String description, String... names) {
        spec.addOption(
                OptionSpec.builder(names[0], rest(names))
                        .type(List.class)
                        .auxiliaryTypes(String.class)
                        .arity("1")
                        .paramLabel(label)
                        .description(description)
                        .build());
        return this;
    }

    /** Words of other runtimes that mean nothing here; taken and left out of the help. */
    public Options ignoredFlag(String... names) {
        spec.addOption(
                OptionSpec.builder(names[0], rest(names))
                        .type(boolean.class)
                        .arity("0")
                        .hidden(true)
                        .build());
        return this;
    }

    /** As {@link #ignoredFlag}, with a value. */
    public Options ignoredValue(String... names) {
        spec.addOption(
                OptionSpec.builder(names[0], rest(names))
                        .type(String.class)
                        .arity("1")
                        .hidden(true)
                        .build());
        return this;
    }

    /** The words behind the options. */
    public Options words(String label, String description) {
        spec.addPositional(
                PositionalParamSpec.builder()
                        .index(ANY)
                        .arity(ANY)
                        .type(List.class)
                        .auxiliaryTypes(String.class)
                        .paramLabel(label)
                        .hideParamSyntax(true)
                        .description(description)
                        .build());
        return this;
    }

    private static String[] rest(String[] names) {
        return java.util.Arrays.copyOfRange(names, 1, names.length);
    }
}
