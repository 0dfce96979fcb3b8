package dev.runsc.cli.command;

import dev.runsc.cli.command.Options.Option;
import dev.runsc.cli.config.GlobalFlags;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Help texts and shell completion: the one place that is worth loading picocli for. */
final class Usage {
    private static final String ANY = "0..*";

    private Usage() {}

    /** A bash script that completes commands, their flags, and the flags before them. */
    static String completion(List<Options> commands) {
        CommandSpec top = CommandSpec.create().name("runsc");
        for (GlobalFlags.Shown flag : GlobalFlags.shown()) {
            OptionSpec.Builder builder =
                    OptionSpec.builder("--" + flag.name()).description(flag.description());
            top.addOption(
                    flag.hasValue()
                            ? builder.type(String.class).arity("1").build()
                            : builder.type(boolean.class).arity("0").build());
        }
        for (Options options : commands) {
            CommandSpec spec = spec(options, options.command());
            top.addSubcommand(options.command(), spec);
        }
        return AutoComplete.bash("runsc", new CommandLine(top));
    }

    static String text(Options options) {
        CommandSpec spec = spec(options, "runsc " + options.command());
        return new CommandLine(spec).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    private static CommandSpec spec(Options options, String name) {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.usageMessage().description(options.aboutText());
        for (Option option : options.all()) {
            spec.addOption(option(option));
        }
        if (!options.wordsLabel().isEmpty()) {
            spec.addPositional(
                    PositionalParamSpec.builder()
                            .index(ANY)
                            .arity(ANY)
                            .type(List.class)
                            .auxiliaryTypes(String.class)
                            .paramLabel(options.wordsLabel())
                            .hideParamSyntax(true)
                            .description(options.wordsText())
                            .build());
        }
        return spec;
    }

    private static OptionSpec option(Option option) {
        OptionSpec.Builder builder =
                OptionSpec.builder(option.names().toArray(String[]::new))
                        .hidden(option.hidden())
                        .description(option.description());
        return switch (option.kind()) {
            case FLAG -> builder.type(boolean.class).arity("0").build();
            case VALUE -> builder.type(String.class).arity("1").paramLabel(option.label()).build();
            case LIST ->
                    builder.type(List.class)
                            .auxiliaryTypes(String.class)
                            .arity("1")
                            .paramLabel(option.label())
                            .build();
        };
    }
}
