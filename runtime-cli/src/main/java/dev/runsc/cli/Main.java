package dev.runsc.cli;

import dev.runsc.cli.base.CallerDescriptors;
import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.ErrorLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.command.CommandTable;
import dev.runsc.cli.config.GlobalFlags;
import dev.runsc.cli.config.LogNames;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.launch.JvmCommand;
import dev.runsc.cli.launch.Prestarted;
import dev.runsc.cli.oci.OciSpec;
import java.nio.file.Path;
import java.util.List;

/** The entry of every command. */
public final class Main {
    /** The version of this program; snapshots name it. */
    private static final String VERSION = "0.1.0";

    private Main() {}

    public static void main(String[] args) {
        int code;
        try {
            Prestarted.claim();
            CallerDescriptors.note(args);
            code = run(args);
        } catch (Failure e) {
            ErrorLog.report(GlobalFlags.findLog(args), e.getMessage());
            if (DebugLog.isOn()) {
                DebugLog.write("failed: " + trace(e));
            }
            code = Failure.EXIT_CODE;
        } catch (RuntimeException | Error e) {
            // A defect of ours: still one line for the user, and the rest where defects are looked
            // for.
            ErrorLog.report(GlobalFlags.findLog(args), "internal error: " + e);
            DebugLog.write(trace(e));
            if (!DebugLog.isOn()) {
                e.printStackTrace();
            }
            code = Failure.EXIT_CODE;
        }
        // Not by returning: threads that wait for a sandbox must not keep the command alive.
        JvmCommand.end(code);
    }

    private static int run(String[] args) throws Failure {
        GlobalFlags.Parsed parsed = GlobalFlags.parse(args);
        String command = parsed.command();
        if (GlobalFlags.VERSION_COMMAND.equals(command)) {
            System.out.println("runsc version " + VERSION);
            System.out.println("spec: " + OciSpec.VERSION);
            return 0;
        }
        if (command == null) {
            CommandTable.run("help", parsed.config(), List.of());
            throw new Failure("no command given");
        }
        startDebugLog(parsed.config(), command, parsed.arguments());
        for (String note : parsed.notes()) {
            DebugLog.write(note);
        }
        if (DebugLog.isOn()) {
            DebugLog.write("arguments: " + List.of(args));
        }
        return CommandTable.run(command, parsed.config(), parsed.arguments());
    }

    private static void startDebugLog(RuntimeConfig config, String command, List<String> words)
            throws Failure {
        if (!config.debug()) {
            return;
        }
        String last = words.isEmpty() ? "" : words.getLast();
        Path file = LogNames.debug(config, command, last);
        if (file != null) {
            DebugLog.toFile(file);
        } else if (config.alsoToStderr()) {
            DebugLog.to(System.err);
        }
    }

    private static String trace(Throwable error) {
        java.io.StringWriter text = new java.io.StringWriter();
        error.printStackTrace(new java.io.PrintWriter(text));
        return text.toString();
    }
}
