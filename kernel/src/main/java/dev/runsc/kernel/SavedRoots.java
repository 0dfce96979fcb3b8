package dev.runsc.kernel;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.memory.MemoryFile;
import dev.runsc.kernel.memory.MemoryFileHost;
import dev.runsc.state.ObjectGraph;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.StateException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * The roots of the containers of an image, for reading. Nothing of the image runs: no processor is
 * lent to its programs, no file server is asked, and of all objects the memory file alone comes to
 * life.
 */
public final class SavedRoots implements AutoCloseable {
    private final SandboxState state;
    private final MemoryFileHost memory;

    private SavedRoots(SandboxState state, MemoryFileHost memory) {
        this.state = state;
        this.memory = memory;
    }

    /**
     * Opens an image.
     *
     * @param memory a file with the image's pages, which it may change; this object's from now on
     */
    public static SavedRoots open(HostFd memory, InputStream graph)
            throws KernelException, ErrnoException {
        MemoryFileHost host;
        try {
            host = new MemoryFileHost(memory);
        } catch (ErrnoException failed) {
            memory.close();
            throw new KernelException("memory file: " + failed.getMessage(), failed);
        }
        boolean good = false;
        try {
            RestoreContext context =
                    RestoreContext.builder().put(MemoryFileHost.class, host).build();
            SandboxState state =
                    ObjectGraph.look(
                            KernelSchema.SCHEMA,
                            SandboxState.class,
                            graph,
                            context,
                            MemoryFile.class::isInstance);
            good = true;
            return new SavedRoots(state, host);
        } catch (StateException | IOException failed) {
            throw new KernelException("cannot read the image: " + failed.getMessage(), failed);
        } finally {
            if (!good) {
                host.close();
            }
        }
    }

    /** The names of the containers, oldest first. */
    public List<String> containers() {
        return state.containers().stream().map(each -> each.container.name()).toList();
    }

    /** What was changed in the root of a container. */
    public UpperLayer upper(String name) throws KernelException {
        for (ContainerState container : state.containers()) {
            if (container.container.name().equals(name)) {
                return UpperLayer.of(container, state.users);
            }
        }
        throw new KernelException("the image has no container " + name);
    }

    @Override
    public void close() throws ErrnoException {
        memory.close();
    }
}
