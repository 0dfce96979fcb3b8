package dev.runsc.kernel;

import dev.runsc.gofer.host.HostFd;
import java.nio.file.Path;
import java.util.Map;

/**
 * Everything the kernel gets from outside. All of it arrives as descriptors; the stub's path is
 * used once, to spawn.
 *
 * @param stub the stub program
 * @param memoryFile an empty memfd, or at a restore the one that holds the image's pages
 * @param goferRoots one connected gofer socket per container and mount: the key is {@code
 *     container-name + ":" + mount destination}, {@code "/"} being the root
 * @param rewriteCallSites whether system-call sites are rewritten to jump into the stub
 * @param trace system calls to print on the debug log, empty for none, {@code "all"} for all
 * @param traceBytes how much of a buffer is printed with a system call
 * @param pauseAtCall the number, from 1, of the system call before which the kernel pauses by
 *     itself; 0 for never
 * @param memoryBytes how much memory the machine has at most; 0 for that of the host
 */
public record KernelHost(
        Path stub,
        HostFd memoryFile,
        Map<String, HostFd> goferRoots,
        boolean rewriteCallSites,
        String trace,
        int traceBytes,
        long pauseAtCall,
        long memoryBytes) {}
