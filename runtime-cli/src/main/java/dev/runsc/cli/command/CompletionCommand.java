package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;

/** {@code completion bash|zsh}: a script for the shell. */
final class CompletionCommand implements Command {
    /** What makes zsh understand a script for bash. */
    private static final String ZSH =
            """
            #compdef runsc
            autoload -U +X compinit && compinit -u
            autoload -U +X bashcompinit && bashcompinit
            """;

    @Override
    public void declare(Options options) {
        options.about("Prints a script that completes commands and flags in a shell.");
        options.words("bash|zsh", "as in: source <(runsc completion bash)");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        String shell = arguments.only("bash or zsh");
        switch (shell) {
            case "bash" -> System.out.print(script());
            case "zsh" -> System.out.print(ZSH + script());
            default -> throw new Failure("no completion for shell \"" + shell + "\"");
        }
        return 0;
    }

    private static String script() {
        return Usage.completion(CommandTable.options());
    }
}
