package dev.runsc.kernel.task;

import dev.runsc.kernel.fs.pipe.PipeFiles;
import dev.runsc.kernel.memory.MemoryFile;
import dev.runsc.kernel.net.unix.UnixSockets;
import dev.runsc.kernel.platform.Platform;
import java.util.random.RandomGenerator;

/**
 * What tasks need from outside the saved state.
 *
 * @param platform where guest code runs
 * @param memoryFile where guest memory lies
 * @param random secrets: layout, AT_RANDOM, getrandom; fresh after each restore
 * @param pipes makes pipes
 * @param unixSockets makes and finds Unix domain sockets
 * @param totalMemoryBytes memory the sandbox says it has
 * @param rewriteCallSites whether system-call sites are rewritten
 */
public record TaskHost(
        Platform platform,
        MemoryFile memoryFile,
        RandomGenerator random,
        PipeFiles pipes,
        UnixSockets unixSockets,
        long totalMemoryBytes,
        boolean rewriteCallSites) {}
