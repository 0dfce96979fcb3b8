package dev.runsc.cli.boot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.boot.Checkpoints.Around;
import dev.runsc.cli.boot.HookProcess.Moment;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.FdInput;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.ContainerSpec;
import dev.runsc.kernel.Kernel;
import dev.runsc.kernel.KernelException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The way of an image into the sandbox. Its kernel is loaded once all of its containers have come;
 * a failure after the old kernel is gone ends the process.
 */
final class Restores {
    private final Loader loader;
    private final BootResources resources;

    @GuardedBy("this")
    private @Nullable PendingRestore pending;

    Restores(Loader loader, BootResources resources) {
        this.loader = loader;
        this.resources = resources;
    }

    /**
     * What comes with a container.
     *
     * @param json of {@link dev.runsc.cli.wire.SpecCodec}
     * @param gofers sockets by the names of KernelHost; of the first container empty when those we
     *     were born with are still unused
     */
    record Arrival(String json, Map<String, HostFd> gofers) {}

    /**
     * Begins a restore with the first container.
     *
     * @param old the kernel that was there; null for none
     * @param goferLife ends when its gofer does; null for the gofer that was started with us
     */
    void restore(
            @Nullable Kernel old,
            PendingRestore image,
            Arrival first,
            @Nullable HostFd goferLife,
            Stages stages)
            throws ControlFault, JsonFault {
        boolean good = false;
        try {
            if (goferLife != null) {
                loader.watchGofer(goferLife);
            }
            if (old != null) {
                old.close();
                stages.end("old kernel");
            }
            boolean born = old == null && first.gofers().isEmpty();
            image.add(
                    resources.rootSpec(first.json(), loader::terminalResized),
                    born ? resources.gofers() : first.gofers());
            synchronized (this) {
                pending = image;
            }
            loadIfComplete(image, stages);
            loader.rootRestored();
            good = true;
        } catch (KernelException | ErrnoException e) {
            throw new ControlFault(Code.KERNEL, "restoring: " + e.getMessage(), e);
        } finally {
            if (!good) {
                // What was there is gone and nothing came in its place.
                loader.exit(1);
            }
        }
    }

    /**
     * Takes one more container of the image.
     *
     * @throws ControlFault when nothing waits for it; all it brought is still the caller's
     */
    PendingRestore join(String id, Arrival arrival, Map<Integer, HostFd> descriptors)
            throws ControlFault, JsonFault {
        ContainerSpec spec = BootResources.spec(arrival.json(), descriptors);
        synchronized (this) {
            PendingRestore image = pending;
            if (image == null) {
                throw new ControlFault(
                        Code.WRONG_STATE, "no restore of this sandbox waits for \"" + id + "\"");
            }
            image.add(spec, arrival.gofers());
            return image;
        }
    }

    /** Loads the image if the container that has joined is the last. */
    void restoreSubcontainer(String id, PendingRestore image, HostFd goferLife, Stages stages)
            throws ControlFault {
        boolean good = false;
        try {
            loader.addRestored(id, goferLife);
            loadIfComplete(image, stages);
            good = true;
        } catch (KernelException e) {
            throw new ControlFault(Code.KERNEL, "restoring: " + e.getMessage(), e);
        } finally {
            if (!good) {
                loader.exit(1);
            }
        }
    }

    /** Runs what is to run in a container after its restore, which else has failed. */
    static void runHook(Loader loader, Kernel running, GuestContainer container)
            throws ControlFault {
        HookProcess hook = container.afterRestore;
        if (hook == null) {
            return;
        }
        container.afterRestore = null;
        boolean good = false;
        try (hook) {
            hook.run(running, container.id(), Moment.RESTORE);
            good = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlFault(Code.INTERNAL, "interrupted", e);
        } finally {
            if (!good) {
                loader.exit(1);
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // whether it is still this image that waits
    private void loadIfComplete(PendingRestore image, Stages stages)
            throws KernelException, ControlFault {
        synchronized (this) {
            if (pending != image || !image.isComplete()) {
                return;
            }
            pending = null;
        }
        try (image) {
            Kernel restored =
                    Kernel.restore(
                            resources.host(image.memory(), image.gofers()),
                            new FdInput(image.graph()),
                            new Kernel.RestoreOptions(image.containers()));
            stages.end("kernel");
            Around hook = image.hook();
            if (hook != null) {
                loader.find(hook.container()).afterRestore = hook.process();
            }
            loader.specs().put(image.containers().values());
            loader.adopt(restored, image.memory());
        }
    }
}
