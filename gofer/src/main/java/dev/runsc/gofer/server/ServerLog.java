package dev.runsc.gofer.server;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFiles;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The log of a gofer: descriptor 2, which whoever started it has led somewhere. */
final class ServerLog {
    private static final int STANDARD_ERROR = 2;

    private ServerLog() {}

    static void report(String message) {
        byte[] line = ("gofer: " + message + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            HostFiles.writeFully(STANDARD_ERROR, ByteBuffer.wrap(line));
        } catch (ErrnoException e) {
            // Nobody reads the log any more (EPIPE), or it is full: serving goes on without one.
            return;
        }
    }
}
