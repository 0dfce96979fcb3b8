package dev.runsc.cli.image;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.launch.SpecConversion;
import dev.runsc.cli.oci.OciSpec;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.FdOutput;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.ProcessSpec;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A saved sandbox, or saved file systems, wherever they are kept. */
interface SavedImage extends AutoCloseable {
    /** How messages call it. */
    String label();

    /** Whether it is of file systems alone. */
    boolean isOfFiles();

    String network() throws IOException;

    /** What the saved programs may have found in the processor. */
    List<String> cpuFeatures();

    /**
     * The names of the containers in it.
     *
     * @param first of the first, where the image does not tell
     */
    Collection<String> containers(String first) throws Failure;

    /**
     * What a container's programs would notice in its new configuration, as a message; null for
     * nothing.
     *
     * @param converted the same in the words of the kernel
     */
    @Nullable String difference(String id, OciSpec now, SpecConversion converted) throws Failure;

    /** The program that runs around saves, as {@link HookRequest#json} has it; null for none. */
    @Nullable String hook();

    /** The first process of a container. */
    ProcessSpec firstProcess(String container) throws Failure;

    /** Fills an empty file with the memory. */
    void loadMemory(HostFd memory) throws IOException, ErrnoException;

    /** Writes the object graph, or the records of file systems; proved to be what was saved. */
    void copyGraph(FdOutput out) throws IOException;

    @Override
    void close();
}
