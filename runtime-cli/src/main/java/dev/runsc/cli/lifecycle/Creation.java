package dev.runsc.cli.lifecycle;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.base.Timestamps;
import dev.runsc.cli.cgroup.CgroupState;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerLock;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerState.Sandbox;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.container.ProcessIdentity;
import dev.runsc.cli.container.StateDirectory;
import dev.runsc.cli.launch.SavedFiles;
import dev.runsc.cli.launch.SpecConversion;
import dev.runsc.cli.lifecycle.Foreground.TerminalUse;
import dev.runsc.cli.oci.OciSpec;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A container that this command has made, with its lock. What is not let go is undone by {@link
 * #close}: processes, files and all.
 */
public abstract class Creation implements AutoCloseable {
    private final Place place;
    private final SpecConversion conversion;
    private final Request request;
    private ContainerState state;
    private boolean started;
    private boolean unlocked;
    private volatile boolean undone;

    Creation(Place place, Request request, SpecConversion conversion, ContainerState state) {
        this.place = place;
        this.request = request;
        this.conversion = conversion;
        this.state = state;
    }

    /** Where a container's file is, and the right to change it. */
    record Place(StateDirectory directory, ContainerLock lock) {}

    /**
     * What to make.
     *
     * @param bundle absolute
     * @param forRestore whether the container is to come from a snapshot, so that nothing is loaded
     *     now
     * @param descriptors host descriptors by guest number
     * @param userLog where the user is told what his programs miss; null for nowhere
     * @param files what is to be in its file systems, closed once it is; null for nothing
     */
    public record Request(
            String id,
            Path bundle,
            OciSpec spec,
            boolean forRestore,
            Map<Integer, Integer> descriptors,
            @Nullable Path userLog,
            @Nullable SavedFiles files) {
        /** One without a log for the user, and with nothing but what its bundle has. */
        public Request(
                String id,
                Path bundle,
                OciSpec spec,
                boolean forRestore,
                Map<Integer, Integer> descriptors) {
            this(id, bundle, spec, forRestore, descriptors, null, null);
        }
    }

    /** Standard input, output and error of this command. */
    public static Map<Integer, Integer> ownStandardDescriptors() {
        Map<Integer, Integer> descriptors = new LinkedHashMap<>();
        for (int fd = 0; fd <= 2; fd++) {
            descriptors.put(fd, fd);
        }
        return descriptors;
    }

    /**
     * Starts the processes of a container; {@link #awaitCreated} finishes. The spec's annotations
     * say whether it is to live in a sandbox that is there already.
     */
    public static Creation begin(RuntimeConfig config, Request request) throws Failure {
        StateDirectory.checkId(request.id());
        StateDirectory directory = new StateDirectory(config.root());
        directory.create();
        Creation creation =
                hasSandbox(directory, request)
                        ? SubcontainerCreation.begin(config, directory, request)
                        : SandboxCreation.begin(config, directory, request);
        Runtime.getRuntime().addShutdownHook(new Thread(creation::cleanUpAtExit));
        return creation;
    }

    /**
     * Whether it is to live in a sandbox that is there. Podman names its pod also where that has no
     * first container: then each container gets its own sandbox.
     */
    private static boolean hasSandbox(StateDirectory directory, Request request) throws Failure {
        OciSpec spec = request.spec();
        if (!spec.isSubcontainer(request.id())) {
            return false;
        }
        boolean there = directory.list().contains(spec.sandboxId());
        if (!there && !spec.isOfKubernetes()) {
            DebugLog.write("no sandbox " + spec.sandboxId() + ": a sandbox of its own");
            return false;
        }
        return true;
    }

    /** The file of a container that is being made. */
    static ContainerState newState(
            Request request, Sandbox sandbox, ProcessIdentity gofer, CgroupState cgroup) {
        return new ContainerState(
                request.id(),
                request.spec().json(),
                request.bundle().toString(),
                Timestamps.now(),
                System.getProperty("user.name"),
                ContainerStatus.CREATING,
                sandbox,
                gofer,
                cgroup);
    }

    public ContainerState state() {
        return state;
    }

    public SpecConversion conversion() {
        return conversion;
    }

    Request request() {
        return request;
    }

    /** What the first process has to do with terminals. */
    public TerminalUse terminalUse() {
        return terminalUse(request.spec().process().terminal(), request.descriptors());
    }

    /**
     * What a process has to do with terminals.
     *
     * @param terminal whether it wants one
     * @param descriptors what it gets
     */
    public static TerminalUse terminalUse(boolean terminal, Map<Integer, Integer> descriptors) {
        if (!terminal) {
            return TerminalUse.NONE;
        }
        boolean own = Integer.valueOf(0).equals(descriptors.get(0));
        return own ? TerminalUse.OWN : TerminalUse.OTHER;
    }

    /** Waits until the sandbox has the container, and makes it known. Ends stages. */
    public final void awaitCreated(Stages stages) throws Failure {
        awaitReady(stages);
        if (request.files() != null) {
            // They are in the sandbox now.
            request.files().close();
        }
        save(ContainerStatus.CREATED);
        OciSpec spec = request.spec();
        if (!spec.hooks().isEmpty()) {
            String text = OciState.compact(state);
            Hooks.run(spec, "prestart", text);
            Hooks.run(spec, "createRuntime", text);
            Hooks.run(spec, "createContainer", text);
            stages.end("hooks");
        }
    }

    /** Writes the state file. */
    private void save(ContainerStatus status) throws Failure {
        state = state.withStatus(status);
        place.directory().write(state, place.lock());
    }

    /** Lets the first process run. */
    public final void start() throws Failure {
        new Containers(place.directory().root()).start(state);
        started = true;
        save(ContainerStatus.RUNNING);
        Hooks.run(request.spec(), "poststart", OciState.compact(state));
    }

    /** Lets other commands at the container while we wait for it. */
    public final void unlock() {
        if (!unlocked) {
            unlocked = true;
            place.lock().close();
        }
    }

    /** Ends the container and removes everything of it, once. */
    public final void undo() throws Failure {
        if (undone) {
            return;
        }
        undone = true;
        endProcesses();
        HostLimits.deleteQuietly(state);
        if (unlocked) {
            // Another command may have deleted it meanwhile, or restored over it.
            try (ContainerLock again = place.directory().lock(state.id())) {
                removeFiles(again);
            } catch (Failure e) {
                DebugLog.write("deleting " + state.id() + ": " + e.getMessage());
            }
        } else {
            removeFiles(place.lock());
        }
        Hooks.runAll(
                request.spec(),
                "poststop",
                OciState.compact(state.withStatus(ContainerStatus.STOPPED)));
    }

    private void removeFiles(ContainerLock held) throws Failure {
        if (!state.isSubcontainer()) {
            Containers.deleteSocket(Path.of(state.sandbox().controlSocket()));
        }
        place.directory().remove(state.id(), held);
    }

    /**
     * When a signal ends this command early: the processes go by themselves, for they notice, and
     * the files are removed here.
     */
    private void cleanUpAtExit() {
        if (undone || isLetGo()) {
            return;
        }
        try {
            abandonProcesses();
            HostLimits.deleteQuietly(state);
            removeFiles(place.lock());
        } catch (Failure e) {
            DebugLog.write(e.getMessage());
        }
    }

    @Override
    public final void close() throws Failure {
        try {
            if (!isLetGo()) {
                undo();
            }
        } finally {
            closeDescriptors();
            unlock();
        }
    }

    /** Waits until the sandbox has the container. Ends stages. */
    abstract void awaitReady(Stages stages) throws Failure;

    /** From now on the container lives without this command. */
    public final void letGo() throws Failure {
        letGo(started);
    }

    abstract void letGo(boolean hasStarted) throws Failure;

    abstract boolean isLetGo();

    /** Ends the processes and waits until they are gone. */
    abstract void endProcesses() throws Failure;

    /** When this command ends: whatever does not end by itself then. */
    abstract void abandonProcesses() throws Failure;

    abstract void closeDescriptors();

    /** What a sandbox that has ended said last, beginning with a colon, or nothing. */
    public abstract String lastWords();
}
