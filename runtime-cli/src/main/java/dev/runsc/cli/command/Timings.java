package dev.runsc.cli.command;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.config.RuntimeConfig;

/** Tells what a user waited for. */
final class Timings {
    private Timings() {}

    /** On standard error when asked for by {@code --timings} or {@code --debug}, always in the debug log. */
    static void print(RuntimeConfig config, Stages stages, String title) {
        String table = stages.table(title);
        if (config.timings() || config.debug()) {
            System.err.print(table);
        }
        DebugLog.write(table);
    }
}
