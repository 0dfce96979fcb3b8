package dev.runsc.cli.command;

import dev.runsc.cli.base.Durations;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.LogNames;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostProcess;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** {@code debug ID}: looks into a sandbox that runs, and switches what it tells of itself. */
final class DebugCommand implements Command {
    private static final String MOUNT = "--mount";
    private static final int SIGNAL_MAX = 64;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final Map<String, String> PROFILES = profiles();

    private static Map<String, String> profiles() {
        Map<String, String> methods = new LinkedHashMap<>();
        methods.put("--profile-cpu", Methods.PROFILE_CPU);
        methods.put("--profile-heap", Methods.PROFILE_HEAP);
        methods.put("--profile-block", Methods.PROFILE_BLOCK);
        methods.put("--profile-mutex", Methods.PROFILE_MUTEX);
        methods.put("--trace", Methods.PROFILE_TRACE);
        return methods;
    }

    @Override
    public void declare(Options options) {
        options.about("Looks into the sandbox of a container while it runs.");
        options.value("PID", "the sandbox by its process, in place of ID", "--pid");
        options.flag("print the stacks of the sandbox's threads", "--stacks");
        options.flag("list the container's processes", "--ps");
        options.value("N", "send a signal to the sandbox's process", "--signal");
        options.value(
                "CALLS", "trace system calls: all, off, or names with commas between", "--strace");
        options.value("LEVEL", "debug, info or warning", "--log-level");
        options.value(
                "FILE", "record what uses the processor (Java Flight Recorder)", "--profile-cpu");
        options.value("FILE", "record what uses memory", "--profile-heap");
        options.value("FILE", "record what waits", "--profile-block");
        options.value("FILE", "record waits for locks", "--profile-mutex");
        options.value("FILE", "record what threads do, and when", "--trace");
        options.value("TYPE:SRC:DST", "mount an image of the host (type: erofs)", MOUNT);
        options.value("TIME", "how long to record (default: 1m)", "--duration");
        options.value("TIME", "how long to wait before (default: 0s)", "--delay");
        options.words("ID", "the container");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        Containers containers = new Containers(config.root());
        ContainerState state = find(containers, arguments);
        if (!state.sandbox().process().isAlive()) {
            throw new Failure("sandbox is not running");
        }
        int signal = arguments.number("--signal", -1, -1, SIGNAL_MAX);
        if (signal > 0) {
            kill(state, signal);
        }
        if (arguments.is("--stacks")) {
            System.out.print(text(state, Methods.STACKS, "{}", "stacks"));
        }
        changeLog(config, state, arguments);
        String mount = arguments.text(MOUNT, "");
        if (!mount.isEmpty()) {
            mount(state, mount);
        }
        if (arguments.is("--ps")) {
            System.out.print(PsCommand.table(state));
        }
        profile(state, arguments);
        return 0;
    }

    private static ContainerState find(Containers containers, Arguments arguments) throws Failure {
        int pid = arguments.number("--pid", 0, 1, Integer.MAX_VALUE);
        if (pid == 0) {
            return containers.loadUnchecked(arguments.only("container id"));
        }
        arguments.requireWords(0, 0, "");
        for (String id : containers.directory().list()) {
            ContainerState state = containers.directory().read(id);
            if (state.sandbox().process().pid() == pid) {
                return state;
            }
        }
        throw new Failure("no sandbox with process " + pid);
    }

    private static void kill(ContainerState state, int signal) throws Failure {
        try {
            HostProcess.kill(state.sandbox().process().pid(), signal);
        } catch (ErrnoException e) {
            throw new Failure("signalling the sandbox: " + e.getMessage(), e);
        }
    }

    private static void mount(ContainerState state, String text) throws Failure {
        String[] words = text.split(":", -1);
        if (words.length != 3 || !words[0].equals("erofs") || !words[2].startsWith("/")) {
            throw new Failure("invalid value \"" + text + "\" for flag " + MOUNT);
        }
        String request =
                new JsonText()
                        .beginObject()
                        .field("id", state.id())
                        .field("fsType", words[0])
                        .field("destination", Path.of(words[2]).normalize().toString())
                        .endObject()
                        .text();
        try (HostFd image = Donation.read(Path.of(words[1]))) {
            Donation.call(state, Methods.MOUNT, request, image);
        }
    }

    /** A text of an answer. */
    private static String text(ContainerState state, String method, String arguments, String field)
            throws Failure {
        JsonReader in = Containers.call(state, method, arguments).reader();
        try {
            String text = "";
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                if (name.equals(field)) {
                    text = in.string();
                } else {
                    in.skip();
                }
            }
            return text;
        } catch (JsonFault e) {
            throw new Failure("sandbox sent " + e.getMessage(), e);
        }
    }

    private static void changeLog(RuntimeConfig config, ContainerState state, Arguments arguments)
            throws Failure {
        String level = arguments.text("--log-level", "");
        String calls = arguments.text("--strace", "");
        if (level.isEmpty() && calls.isEmpty()) {
            return;
        }
        JsonText json = new JsonText().beginObject();
        json.field("level", level).field("strace", calls);
        json.field("straceBytes", config.watch().traceBytes());
        String text = json.endObject().text();
        Path file = LogNames.debug(config, "boot", state.id());
        if (file == null) {
            Containers.call(state, Methods.LOGGING_CHANGE, text);
            return;
        }
        try (HostFd log = Donation.append(file)) {
            Donation.call(state, Methods.LOGGING_CHANGE, text, log);
        }
    }

    /** Records all that is asked for, one after another, for the sandbox does one at a time. */
    private static void profile(ContainerState state, Arguments arguments) throws Failure {
        long millis = Math.max(1, millis(arguments, "--duration", "1m"));
        long delay = millis(arguments, "--delay", "0s");
        boolean waited = false;
        for (Map.Entry<String, String> each : PROFILES.entrySet()) {
            Path file = arguments.findPath(each.getKey());
            if (file == null) {
                continue;
            }
            if (!waited) {
                pass(delay);
                waited = true;
            }
            String request =
                    new JsonText().beginObject().field("durationMillis", millis).endObject().text();
            try (HostFd target = Donation.create(file)) {
                Donation.call(state, each.getValue(), request, target);
            }
        }
    }

    private static long millis(Arguments arguments, String flag, String otherwise) throws Failure {
        return Durations.parseNanos(flag, arguments.text(flag, otherwise)) / NANOS_PER_MILLI;
    }

    /** The user has asked for time to pass. */
    private static void pass(long millis) throws Failure {
        try {
            new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", e);
        }
    }
}
