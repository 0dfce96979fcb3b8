package dev.runsc.cli.command;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.control.ControlClient;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.image.Checkpointer.Wanted;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.launch.BackgroundCommand;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.cli.lifecycle.SaveServant;
import dev.runsc.cli.oci.OciReader;
import dev.runsc.cli.oci.SaveAnnotations;
import dev.runsc.cli.oci.SaveAnnotations.Kind;

/** The process outside that saves a container whenever a program in it asks for that. */
final class SaveCommand implements Command {
    @Override
    public void declare(Options options) {
        options.about("Saves a container when it asks for that; started by other commands.");
        options.flag("save file systems alone", SaveServant.FILES_FLAG);
        options.value("FD", "where to say that it is there", SaveServant.READY_FLAG);
        options.words("ID", "the container");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        String id = arguments.only("container id");
        int ready = arguments.number(SaveServant.READY_FLAG, -1, 0, Integer.MAX_VALUE);
        ContainerState state = new Containers(config.root()).loadUnchecked(id);
        Kind kind = arguments.is(SaveServant.FILES_FLAG) ? Kind.FILES : Kind.SANDBOX;
        SaveAnnotations allowed =
                SaveAnnotations.of(OciReader.read("spec of " + id, state.specBytes()), kind);
        if (allowed == null) {
            throw new Failure("the programs of \"" + id + "\" may not ask to be saved");
        }
        try (ControlClient client = Containers.connect(state)) {
            if (ready >= 0) {
                BackgroundCommand.tellReady(ready);
            }
            serve(config, id, wanted(allowed, kind), client);
        } catch (ControlFault e) {
            if (e.code() != ControlFault.Code.DISCONNECTED) {
                throw new Failure(e.getMessage(), e);
            }
            // The sandbox has ended.
        }
        return 0;
    }

    private static Wanted wanted(SaveAnnotations allowed, Kind kind) {
        return new Wanted(
                allowed.store(),
                allowed.resume(),
                null,
                kind == Kind.FILES ? FsCheckpointCommand.orRoots(allowed.paths()) : null,
                allowed.hook());
    }

    /** Until the sandbox ends. Why a save has failed is told to it: nobody else would hear. */
    private static void serve(RuntimeConfig config, String id, Wanted wanted, ControlClient client)
            throws ControlFault {
        String failure = "";
        while (true) {
            JsonText request = new JsonText().beginObject().field("failure", failure);
            request.field("files", wanted.paths() != null).endObject();
            client.call(Methods.WAIT_CHECKPOINT_REQUEST, request.text());
            failure = "";
            try {
                CheckpointCommand.save(config, id, wanted);
            } catch (Failure e) {
                failure = e.getMessage();
                DebugLog.write("saving " + id + ": " + failure);
            }
        }
    }
}
