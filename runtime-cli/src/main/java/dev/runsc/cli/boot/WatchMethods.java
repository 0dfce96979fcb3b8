package dev.runsc.cli.boot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.boot.Checkpoints.Wanted;
import dev.runsc.cli.boot.ControlObjects.ControlObject;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.ControlServer.Connection;
import dev.runsc.cli.control.ControlServer.Reply;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.trace.TraceConfig;
import dev.runsc.kernel.Kernel;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.fs.proc.ProcessDump;
import dev.runsc.kernel.memory.AreaView;
import dev.runsc.kernel.task.CheckpointRequests;
import dev.runsc.kernel.vfs.RawName;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What of {@code containerManager} is about watching: trace sessions, dumps, waits for images; and
 * saves of files into files of the client.
 */
final class WatchMethods implements ControlObject {
    private static final Set<String> METHODS =
            Set.of(
                    Methods.CREATE_TRACE_SESSION,
                    Methods.DELETE_TRACE_SESSION,
                    Methods.LIST_TRACE_SESSIONS,
                    Methods.PROCFS_DUMP,
                    Methods.FS_SAVE,
                    Methods.WAIT_CHECKPOINT,
                    Methods.WAIT_FS_CHECKPOINT,
                    Methods.WAIT_FS_RESTORE,
                    Methods.WAIT_CHECKPOINT_REQUEST,
                    Methods.WAIT_RESTORE);

    private static final int PATHS_MAX = 1024;

    private final Loader loader;
    private final Checkpoints checkpoints;

    /** Connections that serve the requests of guests. */
    @GuardedBy("this")
    private final Set<Connection> servants = new HashSet<>();

    WatchMethods(Loader loader, Checkpoints checkpoints) {
        this.loader = loader;
        this.checkpoints = checkpoints;
    }

    static boolean has(String method) {
        return METHODS.contains(method);
    }

    @Override
    public Reply handle(String method, ObjectRequest request, Connection connection)
            throws ControlFault, JsonFault, InterruptedException {
        JsonText json = new JsonText().beginObject();
        switch (method) {
            case Methods.CREATE_TRACE_SESSION -> {
                TraceConfig config = TraceConfig.read(request.object("config"));
                loader.watching()
                        .sessions()
                        .create(config, request.descriptors(), request.is("force"));
                request.taken();
            }
            case Methods.DELETE_TRACE_SESSION ->
                    loader.watching()
                            .sessions()
                            .delete(request.text("name", TraceConfig.DEFAULT_NAME));
            case Methods.LIST_TRACE_SESSIONS ->
                    loader.watching().sessions().list(json.name("sessions"));
            case Methods.PROCFS_DUMP -> dump(json.name("processes"));
            case Methods.FS_SAVE -> {
                List<String> paths = request.texts("paths", PATHS_MAX);
                StateMethods.save(loader, checkpoints, new Wanted(paths), request, connection);
            }
            case Methods.WAIT_CHECKPOINT -> awaitCheckpoint(false, connection);
            case Methods.WAIT_FS_CHECKPOINT -> awaitCheckpoint(true, connection);
            case Methods.WAIT_FS_RESTORE -> requireSavedFiles(request.id());
            case Methods.WAIT_CHECKPOINT_REQUEST -> awaitRequest(request, connection);
            case Methods.WAIT_RESTORE -> awaitRestored(request.id(), connection);
            default -> throw ControlObjects.unknown(method);
        }
        return new Reply(json.endObject().text());
    }

    private void awaitRequest(ObjectRequest request, Connection connection)
            throws ControlFault, JsonFault {
        String failure = request.text("failure", "");
        if (!failure.isEmpty()) {
            DebugLog.write("a save that the guest has asked for: " + failure);
        }
        boolean files = request.is("files");
        connection.park(() -> {
            Kernel kernel = loader.awaitKernel();
            CheckpointRequests requests = files ? kernel.fileSaves() : kernel.checkpoints();
            if (isNew(connection)) {
                requests.enter();
                connection.onEnd(() -> {
                    forget(connection);
                    requests.leave();
                });
            } else {
                requests.giveUp();
            }
            requests.await();
            return Boolean.TRUE;
        });
    }

    private synchronized boolean isNew(Connection connection) {
        return servants.add(connection);
    }

    private synchronized void forget(Connection connection) {
        servants.remove(connection);
    }

    private void awaitCheckpoint(boolean files, Connection connection) throws ControlFault {
        connection.park(() -> {
            checkpoints.awaitNext(files);
            return Boolean.TRUE;
        });
    }

    /** A container is not there before its files are: whoever finds it has waited. */
    private void requireSavedFiles(String id) throws ControlFault {
        if (!loader.find(id).hasSavedFiles) {
            throw new ControlFault(
                    Code.WRONG_STATE, "the files of container \"" + id + "\" are from no image");
        }
    }

    private void awaitRestored(String id, Connection connection) throws ControlFault {
        GuestContainer container = loader.find(id);
        if (!container.fromImage || !connection.park(container::awaitResumed)) {
            throw new ControlFault(
                    Code.WRONG_STATE, "container \"" + id + "\" is not one that was restored");
        }
    }

    private void dump(JsonText json) throws ControlFault {
        json.beginArray();
        for (ProcessDump process : loader.anyKernel().diagnostics().processes()) {
            json.beginObject();
            json.field("exe", process.executable()).field("args", process.arguments());
            json.field("env", process.environment()).field("cwd", process.directory());
            json.field("root", process.root()).field("clone_ts", process.startNanos());
            json.field("container", process.containerId());
            json.name("fdlist").beginArray();
            for (ProcessDump.OpenFile file : process.files()) {
                json.beginObject().field("number", file.number()).field("path", file.path());
                json.field("flags", file.flags()).endObject();
            }
            json.endArray().name("limits").beginObject();
            for (ProcessDump.Limit limit : process.limits()) {
                json.name(limit.name()).beginObject();
                json.name("cur").raw(Long.toUnsignedString(limit.soft()));
                json.name("max").raw(Long.toUnsignedString(limit.hard())).endObject();
            }
            json.endObject();
            status(json, process);
            json.name("maps").beginArray();
            for (AreaView area : process.areas()) {
                area(json, area);
            }
            json.endArray().endObject();
        }
        json.endArray();
    }

    private static void status(JsonText json, ProcessDump process) {
        Credentials who = process.credentials();
        json.name("status").beginObject();
        json.field("comm", process.name()).field("pid", process.pid());
        json.field("ppid", process.parentPid()).field("state", String.valueOf(process.state()));
        json.field("threads", process.threads());
        json.name("uid").beginObject().field("real", who.uid());
        json.field("effective", who.effectiveUid()).field("saved", who.savedUid()).endObject();
        json.name("gid").beginObject().field("real", who.gid());
        json.field("effective", who.effectiveGid()).field("saved", who.savedGid()).endObject();
        json.field("vm_rss", process.residentPages() * 4).endObject();
        json.name("stat").beginObject().field("pgid", process.processGroup());
        json.field("sid", process.session()).field("utime_ns", process.userNanos());
        json.field("stime_ns", process.systemNanos()).endObject();
    }

    private static void area(JsonText json, AreaView area) {
        json.beginObject().name("address").beginObject();
        json.name("Start").raw(Long.toUnsignedString(area.start()));
        json.name("End").raw(Long.toUnsignedString(area.end())).endObject();
        json.field("permissions", area.permissions()).field("offset", area.offset());
        json.field("inode", area.inode()).field("pathname", RawName.text(area.name()));
        json.endObject();
    }
}
