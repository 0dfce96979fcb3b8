package dev.runsc.cli.boot;

import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.ControlServer;
import dev.runsc.cli.control.ControlServer.Connection;
import dev.runsc.cli.control.ControlServer.Reply;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.KernelException;
import java.util.List;
import java.util.Map;

/**
 * Finds who answers a request: {@link ControlMethods} for containers, and one small class for each
 * other object.
 */
final class ControlObjects implements ControlServer.Handler {
    /** Methods that other objects have under names of their own. */
    private static final Map<String, String> SAME =
            Map.of(
                    Methods.LIFECYCLE_PAUSE, Methods.PAUSE,
                    Methods.LIFECYCLE_RESUME, Methods.RESUME,
                    Methods.LIFECYCLE_START, Methods.START_ROOT,
                    Methods.LIFECYCLE_SIGNAL, Methods.SIGNAL,
                    Methods.PROC_PS, Methods.PROCESSES,
                    Methods.PROC_EXEC, Methods.EXECUTE);

    /** Answers requests to one object. */
    interface ControlObject {
        /** Answers, or throws {@link Code#UNKNOWN_METHOD}. */
        Reply handle(String method, ObjectRequest request, Connection connection)
                throws ControlFault, JsonFault, KernelException, InterruptedException;
    }

    private final ControlMethods containers;
    private final Map<String, ControlObject> objects;

    ControlObjects(Loader loader) {
        this.containers = new ControlMethods(loader);
        Checkpoints checkpoints = containers.checkpoints();
        ControlObject watch = new WatchMethods(loader, checkpoints);
        ControlObject debug = new DebugMethods(loader);
        this.objects =
                Map.of(
                        "Lifecycle", new LifecycleMethods(loader),
                        "debug", debug,
                        "Logging", debug,
                        "Profile", new ProfileMethods(),
                        "Fs", new FsMethods(loader),
                        "Cgroups", new CgroupMethods(loader),
                        "Metrics", new MetricsMethods(loader),
                        "State", new StateMethods(loader, checkpoints),
                        "Usage", new UsageMethods(loader),
                        "containerManager", watch);
    }

    @Override
    public Reply handle(
            String method, JsonReader in, List<HostFd> descriptors, Connection connection)
            throws ControlFault, JsonFault {
        String known = SAME.getOrDefault(method, method);
        ControlObject object = object(known);
        if (object == null) {
            return containers.handle(known, in, descriptors, connection);
        }
        try (ObjectRequest request = ObjectRequest.read(known, in, descriptors)) {
            return object.handle(known, request, connection);
        } catch (KernelException e) {
            throw new ControlFault(Code.KERNEL, e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlFault(Code.INTERNAL, "interrupted", e);
        }
    }

    private @org.jspecify.annotations.Nullable ControlObject object(String method) {
        int dot = method.indexOf('.');
        String name = dot < 0 ? "" : method.substring(0, dot);
        // Most of what concerns containers is in the class that has been there always.
        boolean ours = !name.equals("containerManager") || WatchMethods.has(method);
        return ours ? objects.get(name) : null;
    }

    /** What to answer to a method that an object does not have. */
    static ControlFault unknown(String method) {
        return new ControlFault(Code.UNKNOWN_METHOD, "unknown method " + method);
    }
}
