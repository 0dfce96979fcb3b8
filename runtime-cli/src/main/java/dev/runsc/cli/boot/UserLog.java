package dev.runsc.cli.boot;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Timestamps;
import dev.runsc.cli.json.JsonText;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.Kernel;
import dev.runsc.kernel.syscalls.SyscallTable;
import dev.runsc.kernel.task.Task;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The file of {@code --user-log}: what the user's programs miss here, one JSON object a line with
 * {@code log}, {@code level} and {@code time}, as Kubernetes takes them.
 */
final class UserLog {
    private final HostFd file;

    /**
     * @param file belongs to this from now on
     */
    UserLog(HostFd file) {
        this.file = file;
    }

    /** Tells of system calls that a kernel does not have, each once. */
    void listenTo(Kernel kernel) {
        kernel.diagnostics().onUnknownCall(this::unknownCall);
    }

    private void unknownCall(Task task, long number) {
        String name =
                SyscallTable.ROWS.stream()
                        .filter(row -> row.number() == number)
                        .map(row -> row.name())
                        .findAny()
                        .orElse("number " + number);
        write(
                "Unsupported system call "
                        + name
                        + " by process "
                        + task.group().pid().own()
                        + " ("
                        + task.name()
                        + "). Programs mostly do without it; see runsc help syscalls.");
    }

    /** Tells of a program that did not start. */
    void loadFailed(String what) {
        write("Program cannot be loaded: " + what);
    }

    private synchronized void write(String message) {
        JsonText json = new JsonText().beginObject();
        json.field("log", message).field("level", "warning");
        json.field("time", Timestamps.now()).endObject();
        byte[] line = (json.text() + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            HostFiles.writeFully(
                    file.number(), ByteBuffer.allocateDirect(line.length).put(line).flip());
        } catch (ErrnoException e) {
            // A full disk under the log must not end the container.
            DebugLog.write("user log: " + e.getMessage());
        }
    }
}
