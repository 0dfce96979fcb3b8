package dev.runsc.cli.boot;

import dev.runsc.cli.boot.ControlObjects.ControlObject;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.ControlServer.Connection;
import dev.runsc.cli.control.ControlServer.Reply;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonText;

/** {@code Lifecycle}: containers as clients see them who do not speak of OCI. */
final class LifecycleMethods implements ControlObject {
    private final Loader loader;

    LifecycleMethods(Loader loader) {
        this.loader = loader;
    }

    @Override
    public Reply handle(String method, ObjectRequest request, Connection connection)
            throws ControlFault, JsonFault, InterruptedException {
        JsonText json = new JsonText().beginObject();
        switch (method) {
            case Methods.LIFECYCLE_IS_RUNNING ->
                    json.field("running", isRunning(loader.runtimeState(request.id())));
            case Methods.LIFECYCLE_EXIT_STATUS -> json.field("exitStatus", exitStatus(request));
            case Methods.LIFECYCLE_SHUTDOWN -> loader.exit(0);
            case Methods.LIFECYCLE_REAP -> json.field("exitStatus", reap(request.id()));
            default -> throw ControlObjects.unknown(method);
        }
        return new Reply(json.endObject().text());
    }

    private static boolean isRunning(String state) {
        return state.equals("running") || state.equals("paused");
    }

    /** What is left of the first container goes with the sandbox, which has begun to end. */
    private int reap(String id) throws ControlFault, InterruptedException {
        if (!loader.runtimeState(id).equals("stopped")) {
            throw new ControlFault(Code.WRONG_STATE, "container \"" + id + "\" has not ended");
        }
        int status = loader.await(id);
        if (!loader.isFirst(id)) {
            loader.destroySubcontainer(id);
        }
        return GuestContainer.exitCode(status);
    }

    private int exitStatus(ObjectRequest request) throws ControlFault, JsonFault {
        Integer status = loader.find(request.id()).end().getNow(null);
        if (status == null) {
            throw new ControlFault(
                    Code.WRONG_STATE, "container \"" + request.id() + "\" has not ended");
        }
        return GuestContainer.exitCode(status);
    }
}
