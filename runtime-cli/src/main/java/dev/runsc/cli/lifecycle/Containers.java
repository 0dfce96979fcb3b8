package dev.runsc.cli.lifecycle;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.container.ContainerLock;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.container.StateDirectory;
import dev.runsc.cli.control.ControlClient;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.launch.EndStatuses;
import dev.runsc.cli.oci.OciReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The containers of a root directory, with their status as it is now. */
public final class Containers {
    /** Specs without it need not be read to be sure. */
    private static final String HOOKS_FIELD = "\"hooks\"";

    private static final int STATUS_TIMEOUT_MILLIS = 10_000;

    /** Most sandboxes to be asked at once. */
    private static final int ASKERS_MAX = 8;

    private final StateDirectory directory;

    public Containers(Path root) {
        this.directory = new StateDirectory(root);
    }

    public StateDirectory directory() {
        return directory;
    }

    /** A container by its id or the beginning of it, its status checked. */
    public ContainerState load(String reference) throws Failure {
        return check(directory.read(directory.resolve(reference)));
    }

    /**
     * Several of them in their order, without those that were deleted meanwhile or are damaged.
     * Sandboxes answer slowly, having slept, so several are asked at a time.
     */
    public List<ContainerState> loadAll(List<String> ids) {
        @Nullable ContainerState[] states = new ContainerState[ids.size()];
        AtomicInteger next = new AtomicInteger();
        Thread[] askers = new Thread[Math.min(ASKERS_MAX, states.length)];
        for (int i = 0; i < askers.length; i++) {
            askers[i] = Thread.ofPlatform().name("list").start(() -> load(ids, next, states));
        }
        try {
            for (Thread asker : askers) {
                asker.join();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e); // nobody interrupts a command
        }
        List<ContainerState> found = new ArrayList<>();
        for (ContainerState state : states) {
            if (state != null) {
                found.add(state);
            }
        }
        return found;
    }

    private void load(List<String> ids, AtomicInteger next, @Nullable ContainerState[] states) {
        for (int i = next.getAndIncrement(); i < states.length; i = next.getAndIncrement()) {
            try {
                states[i] = load(ids.get(i));
            } catch (Failure e) {
                DebugLog.write("skipping container " + ids.get(i) + ": " + e.getMessage());
            }
        }
    }

    /** The same with the status the file has, for those who only need to know where it is. */
    public ContainerState loadUnchecked(String reference) throws Failure {
        return directory.read(directory.resolve(reference));
    }

    /** The status by asking the sandbox; a dead one means stopped. */
    public ContainerState check(ContainerState state) throws Failure {
        return switch (state.status()) {
            case STOPPED -> state;
            case CREATING ->
                    directory.isLocked(state.id())
                            ? state
                            : state.withStatus(ContainerStatus.STOPPED);
            case CREATED, RUNNING, PAUSED -> state.withStatus(liveStatus(state));
        };
    }

    private static ContainerStatus liveStatus(ContainerState state) {
        if (!state.sandbox().process().isAlive()) {
            return ContainerStatus.STOPPED;
        }
        CountDownLatch answered = new CountDownLatch(1);
        try (ControlClient client = connect(state)) {
            Thread.ofPlatform()
                    .daemon()
                    .name("status timeout")
                    .start(() -> abortAfterTimeout(client, answered));
            JsonReader in = client.call(Methods.RUNTIME_STATE, idArguments(state)).reader();
            String text = "";
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                if (name.equals("state")) {
                    text = in.string();
                } else {
                    in.skip();
                }
            }
            return switch (text) {
                case "created", "creating" -> ContainerStatus.CREATED;
                case "running" -> ContainerStatus.RUNNING;
                case "paused" -> ContainerStatus.PAUSED;
                default -> ContainerStatus.STOPPED;
            };
        } catch (ControlFault e) {
            DebugLog.write("status of " + state.id() + ": " + e.getMessage());
            // A sandbox that ends closes its socket a moment before it is gone.
            return e.code() == Code.DISCONNECTED ? ContainerStatus.STOPPED : state.status();
        } catch (JsonFault e) {
            DebugLog.write("status of " + state.id() + ": " + e.getMessage());
            return state.status();
        } finally {
            answered.countDown();
        }
    }

    /** A sandbox that does not answer must not hold a command for ever. */
    private static void abortAfterTimeout(ControlClient client, CountDownLatch answered) {
        try {
            if (!answered.await(STATUS_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
                client.abort();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Connects to the container's sandbox. */
    public static ControlClient connect(ContainerState state) throws ControlFault {
        return ControlClient.connect(Path.of(state.sandbox().controlSocket()));
    }

    /** {@code {"id": ...}}, the arguments of most methods. */
    public static String idArguments(ContainerState state) {
        return new JsonText().beginObject().field("id", state.id()).endObject().text();
    }

    /** One call without descriptors. */
    public static ControlClient.Answer call(ContainerState state, String method, String arguments)
            throws Failure {
        try (ControlClient client = connect(state)) {
            return client.call(method, arguments);
        } catch (ControlFault e) {
            throw new Failure(e.getMessage(), e);
        }
    }

    /** The wait status of a container whose sandbox has ended; null when it has told nothing. */
    public static @Nullable Integer endStatus(ContainerState state) throws Failure {
        return EndStatuses.find(Path.of(state.sandbox().controlSocket()), state.id());
    }

    /** Refuses unless the status is one of those in which the action makes sense. */
    public static void require(ContainerState state, String action, Set<ContainerStatus> allowed)
            throws Failure {
        if (!allowed.contains(state.status())) {
            throw new Failure(
                    "cannot "
                            + action
                            + " container \""
                            + state.id()
                            + "\" in state "
                            + state.status().text());
        }
    }

    /** Lets the first process of a created container run. */
    public void start(ContainerState state) throws Failure {
        SaveServant.begin(directory.root(), state);
        String method = state.isSubcontainer() ? Methods.START_SUBCONTAINER : Methods.START_ROOT;
        try (ControlClient client = connect(state)) {
            client.call(method, idArguments(state));
        } catch (ControlFault e) {
            throw new Failure("starting container: " + e.getMessage(), e);
        }
    }

    /** Ends a container that shares its sandbox; one that is gone already is no failure. */
    static void destroyInSandbox(ContainerState state) throws Failure {
        if (!state.sandbox().process().isAlive()) {
            return;
        }
        try (ControlClient client = connect(state)) {
            client.call(Methods.DESTROY_SUBCONTAINER, idArguments(state));
        } catch (ControlFault e) {
            if (e.code() != Code.NO_CONTAINER && e.code() != Code.DISCONNECTED) {
                throw new Failure("destroying container: " + e.getMessage(), e);
            }
            DebugLog.write("destroying " + state.id() + ": " + e.getMessage());
        }
    }

    /** Kills what runs of a container and removes what is kept of it. The caller holds the lock. */
    public void destroy(ContainerState state, ContainerLock lock) throws Failure {
        if (state.isSubcontainer()) {
            destroyInSandbox(state);
        } else {
            state.sandbox().process().kill();
            deleteSocket(Path.of(state.sandbox().controlSocket()));
        }
        state.gofer().kill();
        HostLimits.delete(state);
        directory.remove(state.id(), lock);
        if (state.isSubcontainer() && state.sandbox().process().isAlive()) {
            HostLimits.share(true, directory, state, null);
        }
        if (state.spec().contains(HOOKS_FIELD)) {
            Hooks.runAll(
                    OciReader.read("spec of " + state.id(), state.specBytes()),
                    "poststop",
                    OciState.compact(state.withStatus(ContainerStatus.STOPPED)));
        }
    }

    /**
     * After a container was started: a hook that fails makes the start fail, and the container go.
     */
    public void afterStart(ContainerState state, ContainerLock lock) throws Failure {
        if (!state.spec().contains(HOOKS_FIELD)) {
            return;
        }
        try {
            Hooks.run(
                    OciReader.read("spec of " + state.id(), state.specBytes()),
                    "poststart",
                    OciState.compact(state));
        } catch (Failure e) {
            destroy(state, lock);
            throw e;
        }
    }

    /** Removes what is left of a container whose creation was killed before it had a state. */
    public void destroyRemains(String id) throws Failure {
        for (String sandbox : directory().removeRemains(id)) {
            if (sandbox.equals(id)) {
                deleteSocket(SandboxCreation.socketPath(directory().root(), id));
            }
        }
    }

    static void deleteSocket(Path socket) throws Failure {
        if (socket.toString().isEmpty()) {
            return;
        }
        try {
            Files.deleteIfExists(socket);
            EndStatuses.delete(socket);
        } catch (IOException e) {
            throw new Failure("deleting control socket: " + Failure.reason(e), e);
        }
    }
}
