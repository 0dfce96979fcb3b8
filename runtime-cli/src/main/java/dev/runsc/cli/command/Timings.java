package dev.runsc.cli.command;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.config.RuntimeConfig;

/** Tells what a user waited for. */
final class Timings {
    private Timings() {}

    /** Where the flags want it, and always in the debug log. */
    static void print(RuntimeConfig config, Stages stages, String title) {
        String table = stages.table(title);
        switch (config.timings()) {
            case NOWHERE -> {}
            case ERROR -> System.err.print(table);
            case OUTPUT -> System.out.print(table);
        }
        DebugLog.write(table);
    }
}
