package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;

/** A command of runsc. */
public interface Command {
    /** Says which words the command takes. */
    void declare(Options options);

    /** Does the work; returns the exit code. */
    int run(RuntimeConfig config, Arguments arguments) throws Failure;
}
