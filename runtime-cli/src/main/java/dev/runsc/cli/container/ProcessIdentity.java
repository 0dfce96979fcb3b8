package dev.runsc.cli.container;

import dev.runsc.cli.base.Failure;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostPoll;
import dev.runsc.gofer.host.HostProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A process of the host that cannot be mistaken for a later one with the same number.
 *
 * @param pid 0 for none
 * @param startTicks when it began, in clock ticks since boot (field 22 of /proc/PID/stat)
 */
public record ProcessIdentity(int pid, long startTicks) {
    public static final ProcessIdentity NONE = new ProcessIdentity(0, 0);

    private static final int START_FIELD = 22;

    /** Of those that {@link #statFields} gives. */
    static final int FIRST_FIELD = 3;

    /** The process that has this number now; {@link #NONE} when there is none or it has ended. */
    public static ProcessIdentity of(int pid) {
        String[] fields = statFields(pid);
        if (fields.length == 0 || isEnded(fields)) {
            return NONE;
        }
        return new ProcessIdentity(pid, startTicks(fields));
    }

    /** True while it runs: a zombie does not. */
    public boolean isAlive() {
        if (pid <= 0) {
            return false;
        }
        String[] fields = statFields(pid);
        return fields.length > 0 && !isEnded(fields) && startTicks(fields) == startTicks;
    }

    /**
     * Kills it and waits until it has ended; does nothing when it has already. Its parent may be a
     * command that waits for us, so whether it is reaped does not count.
     */
    public void kill() throws Failure {
        if (!isAlive()) {
            return;
        }
        try (HostFd process = HostProcess.pidfdOpen(pid)) {
            // The descriptor may be that of a later process with the number.
            if (!isAlive()) {
                return;
            }
            HostProcess.pidfdSendSignal(process.number(), SignalNumbers.SIGKILL);
            while (HostPoll.poll(process.number(), PollEvents.POLLIN, HostPoll.FOREVER) == 0) {
                // Only a signal to us brought us here.
            }
        } catch (ErrnoException e) {
            if (!e.is(Errno.ESRCH)) {
                throw new Failure("ending process " + pid + ": " + e.getMessage(), e);
            }
        }
    }

    /** The fields from the third on: the second, a name in brackets, may hold anything. */
    static String[] statFields(int pid) {
        try {
            byte[] bytes = Files.readAllBytes(Path.of("/proc/" + pid + "/stat"));
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            int end = text.lastIndexOf(')');
            return end < 0 ? new String[0] : text.substring(end + 2).split(" ");
        } catch (IOException e) {
            // Not there: that is the answer.
            return new String[0];
        }
    }

    private static boolean isEnded(String[] fields) {
        return fields[0].equals("Z") || fields[0].equals("X");
    }

    private static long startTicks(String[] fields) {
        int index = START_FIELD - FIRST_FIELD;
        return index < fields.length ? Long.parseLong(fields[index]) : -1;
    }
}
