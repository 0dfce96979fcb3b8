package dev.runsc.cli.boot;

import dev.runsc.cli.boot.Restores.Arrival;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.FileImage;
import dev.runsc.kernel.FileSource;
import dev.runsc.kernel.ProcessSpec;
import dev.runsc.kernel.UpperArchive;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a request says, and the descriptors that came with it, until somebody keeps them. Methods
 * share the fields; each looks at its own.
 */
final class RequestArguments implements AutoCloseable {
    private static final int GUEST_FD_MAX = 1 << 20;

    String id = "";
    int pid;
    int signal = -1;
    String mode = "process";
    boolean exit;

    /** Whether {@link #pid} is a number of the sandbox, not of the container. */
    boolean root;

    String process = "";

    /** How long the program around saves may run, if there is one. */
    long timeoutNanos;

    /** The name of its container. */
    String hookContainer = "";

    String container = "";
    String fsType = "";
    String destination = "";
    List<String> containers = List.of();

    /** Which file systems. */
    List<String> paths = List.of();

    /** Whether an image of file systems comes first among the descriptors. */
    private boolean files;

    /** Whether an archive of the layer over the root does. */
    private boolean archive;

    private List<String> gofers = List.of();
    private final List<Integer> guestNumbers = new ArrayList<>();
    private final List<HostFd> unused;

    /** Handed out; whoever has them may still fail and leave them to us. */
    private final List<HostFd> taken = new ArrayList<>();

    private RequestArguments(List<HostFd> descriptors) {
        unused = new ArrayList<>(descriptors);
    }

    /** Reads a request; the descriptors belong to it, also when it is malformed. */
    static RequestArguments read(JsonReader in, List<HostFd> descriptors) throws JsonFault {
        RequestArguments a = new RequestArguments(descriptors);
        boolean good = false;
        try {
            a.read(in);
            good = true;
            return a;
        } finally {
            if (!good) {
                a.close();
            }
        }
    }

    private void read(JsonReader in) throws JsonFault {
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "id" -> id = in.string();
                case "pid" -> pid = in.integer(0, Integer.MAX_VALUE);
                case "signal" -> signal = in.integer(0, Integer.MAX_VALUE);
                case "mode" -> mode = in.string();
                case "root" -> root = in.bool();
                case "fsType" -> fsType = in.string();
                case "destination" -> destination = in.string();
                case "exit" -> exit = in.bool();
                case "process" -> process = in.raw();
                case "timeoutNanos" -> timeoutNanos = in.number(1, Long.MAX_VALUE);
                case "hookContainer" -> hookContainer = in.string();
                case "container" -> container = in.raw();
                case "containers" -> containers = in.strings();
                case "paths" -> paths = in.strings();
                case "files" -> files = in.bool();
                case "archive" -> archive = in.bool();
                case "gofers" -> gofers = in.strings();
                case "descriptors" -> {
                    in.array();
                    while (in.nextElement()) {
                        guestNumbers.add(in.integer(ProcessSpec.PROGRAM, GUEST_FD_MAX));
                    }
                }
                default -> in.skip();
            }
        }
        in.end();
    }

    /** How many descriptors nobody has taken. */
    int descriptorsLeft() {
        return unused.size();
    }

    /** Takes the next descriptor. */
    HostFd take(String what) throws ControlFault {
        if (unused.isEmpty()) {
            throw new ControlFault(
                    Code.BAD_REQUEST, "the descriptor of the " + what + " is missing");
        }
        HostFd next = unused.removeFirst();
        taken.add(next);
        return next;
    }

    /** Takes an image of file systems if there is one. */
    @Nullable FileSource takeFiles() throws ControlFault {
        if (archive) {
            return new UpperArchive(take("archive"));
        }
        return files ? new FileImage(take("file system records"), take("file contents")) : null;
    }

    /** Whether a program runs around saves. */
    boolean hasHook() {
        return timeoutNanos > 0;
    }

    /** Takes the program around saves. */
    HookProcess takeHook() throws ControlFault, JsonFault {
        return HookProcess.read(process, timeoutNanos, take("streams of a hook"));
    }

    boolean hasGofers() {
        return !gofers.isEmpty();
    }

    /** Takes the sockets of a gofer, and with them the container. */
    Arrival takeArrival() throws ControlFault {
        Map<String, HostFd> sockets = new LinkedHashMap<>();
        requireLeft(gofers.size());
        for (String name : gofers) {
            if (sockets.put(name, take("gofer")) != null) {
                throw new ControlFault(Code.BAD_REQUEST, "a gofer is named twice");
            }
        }
        return new Arrival(container, sockets);
    }

    /** Takes all that is left: what a process gets, by its own numbers. */
    Map<Integer, HostFd> takeDescriptors() throws ControlFault {
        if (guestNumbers.size() != unused.size()) {
            throw new ControlFault(Code.BAD_REQUEST, "descriptors and their numbers differ");
        }
        Map<Integer, HostFd> byNumber = new LinkedHashMap<>();
        for (int number : guestNumbers) {
            if (byNumber.put(number, take("process")) != null) {
                throw new ControlFault(Code.BAD_REQUEST, "a guest descriptor is named twice");
            }
        }
        return byNumber;
    }

    private void requireLeft(int count) throws ControlFault {
        if (unused.size() < count) {
            throw new ControlFault(Code.BAD_REQUEST, "descriptors and their names differ");
        }
    }

    /** What has been taken so far has a new owner, who closes it. */
    void keepTaken() {
        taken.clear();
    }

    /** Closes what nobody keeps; some of it may be closed already. */
    @Override
    public void close() {
        unused.forEach(HostFd::close);
        unused.clear();
        taken.forEach(HostFd::close);
        taken.clear();
    }
}
