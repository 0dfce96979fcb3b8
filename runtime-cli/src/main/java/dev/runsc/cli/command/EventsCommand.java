package dev.runsc.cli.command;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Durations;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.control.ControlClient;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.cli.lifecycle.Statistics;
import java.util.EnumSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** {@code events ID}: what a container uses, a JSON object per line, until it ends. */
final class EventsCommand implements Command {
    private static final String INTERVAL = "--interval";

    @Override
    public void declare(Options options) {
        options.about("Prints statistics of a container, a line of JSON each time, until it ends.");
        options.value("DURATION", "time between two lines, as in 1m30s (default: 5s)", INTERVAL);
        options.flag("print one line and end", "--stats");
        options.words("ID", "the container");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        Containers containers = new Containers(config.root());
        long interval = Durations.parseNanos(INTERVAL, arguments.text(INTERVAL, "5s"));
        if (interval <= 0) {
            throw new Failure("duration interval must be greater than 0");
        }
        ContainerState state = containers.load(arguments.only("container id"));
        Containers.require(
                state,
                "get events for",
                EnumSet.of(
                        ContainerStatus.CREATED, ContainerStatus.RUNNING, ContainerStatus.PAUSED));
        System.out.println(Statistics.of(containers.directory(), state));
        if (arguments.is("--stats")) {
            return 0;
        }
        CountDownLatch ended = new CountDownLatch(1);
        Thread.ofPlatform().daemon().name("container end").start(() -> awaitEnd(state, ended));
        try {
            while (!ended.await(interval, TimeUnit.NANOSECONDS)) {
                ContainerState now = containers.load(state.id());
                System.out.println(Statistics.of(containers.directory(), now));
            }
        } catch (InterruptedException e) {
            throw new Failure("interrupted", e);
        } catch (Failure e) {
            // It may have ended between the clock and the question.
            if (containers.check(state).status() != ContainerStatus.STOPPED) {
                throw e;
            }
        }
        return 0;
    }

    private static void awaitEnd(ContainerState state, CountDownLatch ended) {
        try (ControlClient client = Containers.connect(state)) {
            client.call(Methods.WAIT, Containers.idArguments(state));
        } catch (ControlFault e) {
            DebugLog.write("waiting for " + state.id() + ": " + e.getMessage());
        } finally {
            ended.countDown();
        }
    }
}
