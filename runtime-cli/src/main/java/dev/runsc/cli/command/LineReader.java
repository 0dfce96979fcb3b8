package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostPoll;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/** A pipe that a container writes into, read line by line. */
final class LineReader implements AutoCloseable {
    /** A program that says nothing for so long has failed. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final int LINE_BYTES_MAX = 4096;

    private final HostFd read;
    private final HostFd write;
    private final ByteBuffer one = ByteBuffer.allocateDirect(1);

    LineReader() throws Failure {
        try {
            HostFd[] pipe = HostFiles.pipe2(OpenFlags.O_CLOEXEC);
            read = pipe[0];
            write = pipe[1];
        } catch (ErrnoException e) {
            throw new Failure("making a pipe: " + e.getMessage(), e);
        }
    }

    int writingEnd() {
        return write.number();
    }

    /** Waits for lines and prints them, each with a name before it. */
    void show(String name, int lines) throws Failure {
        // From now on only the container holds the other end: when it ends, so does the pipe.
        write.close();
        for (int i = 0; i < lines; i++) {
            System.out.println("   " + name + " | " + line(name));
        }
    }

    private String line(String name) throws Failure {
        StringBuilder line = new StringBuilder();
        try {
            while (line.length() < LINE_BYTES_MAX) {
                if (HostPoll.poll(read.number(), PollEvents.POLLIN, PATIENCE_NANOS) == 0) {
                    throw new Failure(name + " has printed nothing for a minute");
                }
                if (HostFiles.read(read.number(), one.clear()) == 0) {
                    throw new Failure(name + " ended after printing \"" + line + "\"");
                }
                char c = (char) one.get(0);
                if (c == '\n') {
                    break;
                }
                line.append(c);
            }
        } catch (ErrnoException e) {
            throw new Failure("reading from " + name + ": " + e.getMessage(), e);
        }
        return line.toString();
    }

    @Override
    public void close() {
        read.close();
        write.close();
    }
}
