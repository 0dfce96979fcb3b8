package dev.runsc.cli.lifecycle;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerLock;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ProcessIdentity;
import dev.runsc.cli.container.StateDirectory;
import dev.runsc.cli.control.ControlClient;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.launch.SandboxLauncher;
import dev.runsc.cli.launch.SandboxLauncher.LaunchedGofer;
import dev.runsc.cli.launch.SavedFiles;
import dev.runsc.cli.launch.SpecConversion;
import dev.runsc.cli.oci.OciReader;
import dev.runsc.cli.wire.SpecCodec;
import dev.runsc.gofer.host.HostFd;
import java.util.ArrayList;
import java.util.List;

/** A container in the sandbox of another: it has a gofer of its own, and no sandbox. */
public final class SubcontainerCreation extends Creation {
    private final LaunchedGofer gofer;
    private boolean inSandbox;
    private boolean letGo;

    private SubcontainerCreation(
            Place place,
            Request request,
            SpecConversion conversion,
            ContainerState state,
            LaunchedGofer gofer) {
        super(place, request, conversion, state);
        this.gofer = gofer;
    }

    static SubcontainerCreation begin(
            RuntimeConfig config, StateDirectory directory, Request request) throws Failure {
        String sandboxId = request.spec().sandboxId();
        ContainerState root = directory.read(sandboxId);
        if (root.isSubcontainer() || !root.sandbox().process().isAlive()) {
            throw new Failure("sandbox \"" + sandboxId + "\" is not running");
        }
        SpecConversion conversion =
                SpecConversion.ofSubcontainer(
                        request.id(),
                        request.spec(),
                        OciReader.read("spec of " + sandboxId, root.specBytes()),
                        request.bundle(),
                        config);
        ContainerLock lock = directory.lockForNew(request.id(), sandboxId);
        boolean good = false;
        HostLimits limits = HostLimits.NONE;
        try {
            limits = HostLimits.make(config, request.spec());
            LaunchedGofer gofer =
                    new SandboxLauncher(config, "gofer", request.id())
                            .launchGofer(conversion.exports(), limits::adopt);
            ProcessIdentity process = ProcessIdentity.of(gofer.pid());
            ContainerState state = newState(request, root.sandbox(), process, limits.state());
            Integer score = request.spec().process().oomScoreAdj();
            HostLimits.share(config.rootless(), directory, state, score);
            SubcontainerCreation made =
                    new SubcontainerCreation(
                            new Place(directory, lock), request, conversion, state, gofer);
            good = true;
            return made;
        } finally {
            if (!good) {
                limits.undo();
                directory.remove(request.id(), lock);
                lock.close();
            }
        }
    }

    @Override
    void awaitReady(Stages stages) throws Failure {
        JsonText arguments = new JsonText().beginObject().field("id", state().id());
        arguments.name("container");
        SpecCodec.write(arguments, conversion().container());
        arguments.field("gofers", gofer.sockets().keySet());
        List<Integer> descriptors = new ArrayList<>();
        SavedFiles files = request().files();
        if (files != null) {
            HostFd contents = files.contents();
            arguments.field(contents == null ? "archive" : "files", true);
            descriptors.add(files.records().number());
            if (contents != null) {
                descriptors.add(contents.number());
            }
        }
        descriptors.add(gofer.life().number());
        gofer.sockets().values().forEach(fd -> descriptors.add(fd.number()));
        arguments.name("descriptors").beginArray();
        request()
                .descriptors()
                .forEach((guest, ours) -> {
                    arguments.value(guest);
                    descriptors.add(ours);
                });
        arguments.endArray().endObject();
        String method =
                request().forRestore() ? Methods.RESTORE_SUBCONTAINER : Methods.CREATE_SUBCONTAINER;
        try (ControlClient client = Containers.connect(state())) {
            client.call(
                    method,
                    arguments.text(),
                    descriptors.stream().mapToInt(Integer::intValue).toArray());
        } catch (ControlFault e) {
            throw new Failure("creating container in sandbox: " + e.getMessage(), e);
        }
        inSandbox = true;
        stages.end("create in sandbox");
    }

    @Override
    void letGo(boolean hasStarted) {
        letGo = true;
    }

    @Override
    boolean isLetGo() {
        return letGo;
    }

    @Override
    void endProcesses() throws Failure {
        if (inSandbox) {
            Containers.destroyInSandbox(state());
        }
        state().gofer().kill();
    }

    @Override
    void abandonProcesses() throws Failure {
        endProcesses();
    }

    @Override
    void closeDescriptors() {
        gofer.close();
    }

    @Override
    public String lastWords() {
        DebugLog.write("the sandbox is another command's: what it said last is not known here");
        return "";
    }
}
