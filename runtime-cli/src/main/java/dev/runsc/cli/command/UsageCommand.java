package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.control.UsageFigures;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import java.util.EnumSet;
import java.util.List;

/** {@code usage ID}: the memory of a container's sandbox. */
final class UsageCommand implements Command {
    @Override
    public void declare(Options options) {
        options.about("Shows how much memory the sandbox of a container uses, in bytes, as JSON.");
        options.flag("each kind of use by itself, not their sum alone", "--full");
        options.flag("what the sandbox tells through shared memory", "--fd");
        options.words("ID", "the container");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        Containers containers = new Containers(config.root());
        ContainerState state = containers.load(arguments.only("container id"));
        Containers.require(
                state,
                "get usage for",
                EnumSet.of(
                        ContainerStatus.CREATED, ContainerStatus.RUNNING, ContainerStatus.PAUSED));
        System.out.println(
                arguments.is("--fd") ? shared(state) : collected(state, arguments.is("--full")));
        return 0;
    }

    private static String collected(ContainerState state, boolean full) throws Failure {
        JsonReader in = Containers.call(state, Methods.USAGE, "{}").reader();
        JsonText json = new JsonText().beginObject();
        try {
            in.object();
            for (String kind = in.nextName(); kind != null; kind = in.nextName()) {
                long bytes = in.number(0, Long.MAX_VALUE);
                json.field(kind, full || kind.equals("Total") ? bytes : 0);
            }
        } catch (JsonFault e) {
            throw new Failure("sandbox sent " + e.getMessage(), e);
        }
        return json.endObject().text();
    }

    private static String shared(ContainerState state) throws Failure {
        List<HostFd> descriptors = Containers.call(state, Methods.USAGE_FD, "{}").descriptors();
        try {
            if (descriptors.isEmpty()) {
                throw new Failure("sandbox sent no shared memory");
            }
            UsageFigures figures = UsageFigures.read(descriptors.getFirst());
            JsonText json = new JsonText().beginObject();
            json.field("Mapped", figures.mapped()).field("Unknown", figures.unknown());
            return json.field("Total", figures.total()).endObject().text();
        } catch (ErrnoException e) {
            throw new Failure("usage: " + e.getMessage(), e);
        } finally {
            descriptors.forEach(HostFd::close);
        }
    }
}
