package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.cli.lifecycle.Foreground;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code wait ID}: waits for the end of a container or of one of its processes, or for a pause. */
final class WaitCommand implements Command {
    /** What can be waited for besides the end of the container. */
    private static final List<String> WAITS =
            List.of(
                    "--pid",
                    "--rootpid",
                    "--checkpoint",
                    "--restore",
                    "--fscheckpoint",
                    "--fsrestore",
                    "--paused");

    @Override
    public void declare(Options options) {
        options.about("Waits for the end of a container, or of a process in it.");
        options.value("PID", "wait for this process of the container", "--pid");
        options.value("PID", "wait for this process of the sandbox", "--rootpid");
        options.flag("wait for the end of the next checkpoint", "--checkpoint");
        options.flag("wait until a restored container runs", "--restore");
        options.flag("wait for the end of the next save of file systems", "--fscheckpoint");
        options.flag("wait until file systems from an image are there", "--fsrestore");
        options.flag("wait until the container is paused, or has ended", "--paused");
        options.words("ID", "the container");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        requireOne(arguments);
        int rootPid = arguments.number("--rootpid", 0, 1, Integer.MAX_VALUE);
        int pid = arguments.number("--pid", rootPid, 1, Integer.MAX_VALUE);
        Containers containers = new Containers(config.root());
        ContainerState state = containers.loadUnchecked(arguments.only("container id"));
        if (arguments.is("--paused")) {
            System.out.println(pauseOf(containers, state));
            return 0;
        }
        String image = imageMethod(arguments);
        if (image != null) {
            Containers.call(state, image, Containers.idArguments(state));
            return 0;
        }
        JsonText json = new JsonText().beginObject().field("id", state.id());
        if (rootPid != 0) {
            json.field("root", true);
        }
        if (pid != 0) {
            json.field("pid", pid);
        }
        int status =
                pid == 0
                        ? end(state, json.endObject().text())
                        : Foreground.waitStatus(
                                Containers.call(state, Methods.WAIT_PID, json.endObject().text())
                                        .reader());
        JsonText out = new JsonText().beginObject().field("id", state.id());
        out.field("exitStatus", Foreground.exitCode(status)).endObject();
        System.out.println(out.text());
        return 0;
    }

    /** The wait for an image that is wanted; null for none. */
    private static @Nullable String imageMethod(Arguments arguments) {
        if (arguments.is("--checkpoint")) {
            return Methods.WAIT_CHECKPOINT;
        }
        if (arguments.is("--restore")) {
            return Methods.WAIT_RESTORE;
        }
        if (arguments.is("--fscheckpoint")) {
            return Methods.WAIT_FS_CHECKPOINT;
        }
        return arguments.is("--fsrestore") ? Methods.WAIT_FS_RESTORE : null;
    }

    /** The sandbox may be gone already, or go just now. */
    private static int end(ContainerState state, String arguments) throws Failure {
        Integer told = Containers.endStatus(state);
        if (told != null) {
            return told;
        }
        try {
            return Foreground.waitStatus(Containers.call(state, Methods.WAIT, arguments).reader());
        } catch (Failure e) {
            told = Containers.endStatus(state);
            if (told != null) {
                return told;
            }
            throw e;
        }
    }

    /** The things to wait for exclude each other. */
    private static void requireOne(Arguments arguments) throws Failure {
        int wanted = 0;
        for (String flag : WAITS) {
            boolean isFlag = !flag.endsWith("pid");
            if (isFlag ? arguments.is(flag) : arguments.find(flag) != null) {
                wanted++;
            }
        }
        if (wanted > 1) {
            throw new Failure("only one of " + String.join(", ", WAITS) + " can be waited for");
        }
    }

    /** Waits for a pause; a container that has ended has none. */
    private static String pauseOf(Containers containers, ContainerState state) throws Failure {
        try {
            return Containers.call(state, Methods.WAIT_PAUSED, Containers.idArguments(state))
                    .result();
        } catch (Failure e) {
            if (containers.check(state).status() == ContainerStatus.STOPPED) {
                return new JsonText().beginObject().field("paused", false).endObject().text();
            }
            throw e;
        }
    }
}
