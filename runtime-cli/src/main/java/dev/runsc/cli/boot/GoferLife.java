package dev.runsc.cli.boot;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import java.nio.ByteBuffer;

/** Waits for the end of gofers: each holds one end of a pipe as long as it lives. */
final class GoferLife {
    private GoferLife() {}

    /**
     * Runs an action when the gofer has ended.
     *
     * @param life our end of its pipe, closed then
     */
    static void watch(HostFd life, Runnable ended) {
        Thread.ofPlatform().daemon().name("gofer life").start(() -> await(life, ended));
    }

    private static void await(HostFd life, Runnable ended) {
        try (life) {
            HostFiles.read(life.number(), ByteBuffer.allocateDirect(1));
        } catch (ErrnoException e) {
            DebugLog.write("gofer life: " + e.getMessage());
        }
        ended.run();
    }
}
