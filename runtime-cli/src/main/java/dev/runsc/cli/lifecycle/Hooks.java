package dev.runsc.cli.lifecycle;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.oci.OciSpec;
import dev.runsc.cli.oci.OciSpec.Hook;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs the programs that a spec wants run on the host at points of a container's life. */
public final class Hooks {
    /**
     * What is kept of a hook's output for the message about its failure; the rest is read and
     * dropped.
     */
    private static final int OUTPUT_BYTES_MAX = 4096;

    private Hooks() {}

    /**
     * Runs the hooks of a stage one after the other.
     *
     * @param state the OCI state object, which each gets on standard input
     * @throws Failure when one fails or takes too long; the ones behind it are not run then
     */
    public static void run(OciSpec spec, String stage, String state) throws Failure {
        for (Hook hook : spec.hooks().getOrDefault(stage, List.of())) {
            run(hook, stage, state);
        }
    }

    /** As {@link #run}, for stages whose failure changes nothing any more. */
    public static void runAll(OciSpec spec, String stage, String state) {
        for (Hook hook : spec.hooks().getOrDefault(stage, List.of())) {
            try {
                run(hook, stage, state);
            } catch (Failure e) {
                DebugLog.write(e.getMessage());
            }
        }
    }

    private static void run(Hook hook, String stage, String state) throws Failure {
        DebugLog.write(stage + " hook " + hook.path());
        List<String> command = new ArrayList<>();
        command.add(hook.path());
        if (hook.args().size() > 1) {
            command.addAll(hook.args().subList(1, hook.args().size()));
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().clear();
        for (String variable : hook.env()) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                builder.environment()
                        .put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new Failure("failure executing hook \"" + hook.path() + "\", err: " + e, e);
        }
        CompletableFuture<String> output = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> output.complete(drain(process)));
        Thread.ofPlatform().daemon().start(() -> feed(process, state));
        await(process, hook, output);
    }

    private static void await(Process process, Hook hook, CompletableFuture<String> output)
            throws Failure {
        try {
            Integer timeout = hook.timeoutSeconds();
            if (timeout == null) {
                process.waitFor();
            } else if (!process.waitFor(timeout, TimeUnit.SECONDS)) {
                throw new Failure("timeout executing hook \"" + hook.path() + "\"");
            }
            if (process.exitValue() != 0) {
                throw new Failure(
                        "failure executing hook \""
                                + hook.path()
                                + "\", err: exit status "
                                + process.exitValue()
                                + ", output: "
                                + output.join());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted while executing hook \"" + hook.path() + "\"", e);
        } finally {
            // Whatever it has started keeps running if it wants; the hook itself must not.
            process.destroyForcibly();
        }
    }

    private static void feed(Process process, String state) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(state.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // A hook need not read what it is told.
            DebugLog.write("hook did not read its state: " + e.getMessage());
        }
    }

    private static String drain(Process process) {
        byte[] kept = new byte[OUTPUT_BYTES_MAX];
        int length = 0;
        try (InputStream out = process.getInputStream()) {
            length = out.readNBytes(kept, 0, kept.length);
            out.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            DebugLog.write("hook output: " + e.getMessage());
        }
        return new String(kept, 0, length, StandardCharsets.UTF_8).strip();
    }
}
