package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.RLimits;
import dev.runsc.gofer.abi.RlimitNames;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.memory.AreaView;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.ResourceLimits;
import dev.runsc.kernel.task.StateLetter;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.vfs.FdTable;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.MountListing;
import dev.runsc.kernel.vfs.RawName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What /proc shows of a process, in one piece, for those who look in from outside. Paths are as
 * seen from the process's root.
 *
 * @param startNanos on the sandbox's monotonic clock
 * @param executable empty when there is none
 * @param residentPages of memory
 */
public record ProcessDump(
        int pid,
        int parentPid,
        int processGroup,
        int session,
        int threads,
        String containerId,
        String name,
        char state,
        long startNanos,
        long userNanos,
        long systemNanos,
        Credentials credentials,
        String executable,
        List<String> arguments,
        List<String> environment,
        String directory,
        String root,
        List<OpenFile> files,
        List<Limit> limits,
        List<AreaView> areas,
        long residentPages) {
    /** More descriptors of one process are not told. */
    private static final int FILES_MAX = 4096;

    /**
     * A descriptor.
     *
     * @param flags as open(2) takes them
     */
    public record OpenFile(int number, String path, int flags) {}

    /** A resource limit by its name; -1 is unlimited. */
    public record Limit(String name, long soft, long hard) {}

    /** A process as it is now; it may run meanwhile. Null once it is over. */
    public static @Nullable ProcessDump of(ThreadGroup group, PidNamespace view) {
        Task leader = group.leader();
        FsContext fs = leader.findFs();
        MemoryManager memory = leader.findMemory();
        if (fs == null || memory == null) {
            return null;
        }
        ThreadGroup parent = group.parent();
        Location root = fs.root();
        Location executable = leader.executable();
        Content arguments = new Content();
        MemoryText.commandLine(memory, arguments);
        Content environment = new Content();
        MemoryText.environment(memory, environment);
        return new ProcessDump(
                group.pid().in(view),
                parent == null ? 0 : parent.pid().in(view),
                group.processGroup().numbers().in(view),
                group.processGroup().session().numbers().in(view),
                group.threads().size(),
                group.container().id(),
                text(leader.name()),
                StateLetter.of(leader),
                group.startNanos(),
                group.times().userNanos(),
                group.times().systemNanos(),
                leader.credentials(),
                executable == null ? "" : path(executable, root),
                strings(arguments.toBytes()),
                strings(environment.toBytes()),
                path(fs.workingDirectory(), root),
                path(root, root),
                files(leader.findFiles(), root),
                limits(group.limits()),
                memory.areas(false),
                memory.statistics().resident() / 4096);
    }

    private static String text(String raw) {
        return RawName.text(raw);
    }

    private static String path(Location location, Location root) {
        return text(MountListing.path(location, root));
    }

    private static List<String> strings(byte[] bytes) {
        List<String> found = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                found.add(text(RawName.of(java.util.Arrays.copyOfRange(bytes, start, i))));
                start = i + 1;
            }
        }
        if (start < bytes.length) {
            found.add(text(RawName.of(java.util.Arrays.copyOfRange(bytes, start, bytes.length))));
        }
        return found;
    }

    private static List<OpenFile> files(@Nullable FdTable table, Location root) {
        List<OpenFile> found = new ArrayList<>();
        if (table == null) {
            return found;
        }
        for (int fd : table.descriptors()) {
            FileDescription file = table.find(fd);
            if (file == null) {
                continue;
            }
            if (found.size() >= FILES_MAX) {
                break;
            }
            Location location = file.location();
            int access =
                    !file.isWritable()
                            ? OpenFlags.O_RDONLY
                            : file.isReadable() ? OpenFlags.O_RDWR : OpenFlags.O_WRONLY;
            found.add(
                    new OpenFile(
                            fd,
                            location == null ? text(file.anonymousName()) : path(location, root),
                            file.statusFlags() & ~OpenFlags.O_ACCMODE | access));
        }
        return found;
    }

    private static List<Limit> limits(ResourceLimits limits) {
        List<Limit> found = new ArrayList<>();
        for (int i = 0; i < RLimits.RLIM_NLIMITS; i++) {
            found.add(new Limit(RlimitNames.of(i), limits.soft(i), limits.hard(i)));
        }
        return found;
    }
}
