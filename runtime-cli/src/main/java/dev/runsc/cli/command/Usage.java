package dev.runsc.cli.command;

import dev.runsc.cli.command.Options.Option;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The help text of a command: the one place that is worth loading picocli for. */
final class Usage {
    private static final String ANY = "0..*";

    private Usage() {}

    static String text(Options options) {
        CommandSpec spec = CommandSpec.create().name("runsc " + options.command());
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
        return new CommandLine(spec).getUsageMessage(CommandLine.Help.Ansi.OFF);
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
