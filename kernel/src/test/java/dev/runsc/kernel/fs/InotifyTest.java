package dev.runsc.kernel.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.jna.Function;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.InotifyFlags;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.RenameFlags;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.fs.anon.Inotify;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.vfs.PathWalk;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The events of inotify(7): ours and the host's for the same doings. */
final class InotifyTest {
    private interface Scenario {
        void run(FileTree tree) throws ErrnoException;
    }

    /** What is watched: a directory, a file in it, and the directory's parent. */
    private static final List<String> WATCHED = List.of(".", "d", "d/f");

    private static void doings(FileTree tree) throws ErrnoException {
        tree.open(0, "d/f", OpenFlags.O_RDWR, 0);
        tree.write(0, new byte[] {1, 2, 3});
        tree.read(0, 10);
        tree.readAt(0, 2, 0);
        tree.truncate(0, 1);
        tree.chmod("d/f", 0600);
        tree.chown("d/f", -1, -1);
        tree.close(0);
        tree.open(0, "d/new", OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL, 0644);
        tree.close(0);
        tree.open(0, "d/new", OpenFlags.O_WRONLY | OpenFlags.O_TRUNC, 0);
        tree.close(0);
        tree.mkdir("d/sub", 0755);
        tree.list("d/sub");
        tree.list("d");
        tree.symlink("x", "d/link");
        tree.mknod("d/fifo", 010644);
        tree.link("d/f", "d/hard", 0);
        tree.rename("d/new", "d/newer", 0);
        tree.rename("d/newer", "out", 0);
        tree.rename("out", "d/hard", 0);
        tree.rename("d/sub", "sub", 0);
        tree.rename("sub", "d/link", RenameFlags.RENAME_EXCHANGE);
        tree.chmod("d", 0700);
        tree.unlink("d/fifo");
        tree.rmdir("d/link");
    }

    private static void removal(FileTree tree) throws ErrnoException {
        tree.link("d/f", "d/second", 0);
        tree.unlink("d/second");
        tree.open(0, "d/f", OpenFlags.O_RDWR, 0);
        tree.unlink("d/f");
        tree.write(0, new byte[1]);
        tree.close(0);
        tree.rmdir("d");
    }

    private static void replacement(FileTree tree) throws ErrnoException {
        tree.open(0, "d/g", OpenFlags.O_CREAT | OpenFlags.O_WRONLY, 0644);
        tree.close(0);
        tree.rename("d/g", "d/f", 0);
        tree.unlink("d/f");
        tree.rename("d", "e", 0);
        tree.rmdir("e");
    }

    private static void prepare(FileTree tree) throws ErrnoException {
        tree.mkdir("d", 0755);
        tree.open(0, "d/f", OpenFlags.O_CREAT | OpenFlags.O_WRONLY, 0644);
        tree.close(0);
    }

    private static String onHost(Path directory, Scenario scenario, int mask)
            throws ErrnoException {
        int number =
                Function.getFunction("c", "inotify_init1")
                        .invokeInt(new Object[] {InotifyFlags.IN_NONBLOCK});
        Function add = Function.getFunction("c", "inotify_add_watch");
        try (HostFd inotify = HostFd.own(number);
                FileTree tree = new HostFileTree(directory)) {
            prepare(tree);
            Map<Integer, String> names = new HashMap<>();
            for (String path : WATCHED) {
                String full = directory.resolve(path).toString();
                names.put(add.invokeInt(new Object[] {number, full, mask}), path);
            }
            scenario.run(tree);
            ByteBuffer events = ByteBuffer.allocateDirect(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
            HostFiles.read(inotify.number(), events);
            return text(events.flip(), names);
        }
    }

    private static String onOurs(FsFixture fixture, Scenario scenario, int mask)
            throws ErrnoException {
        TestCaller caller = fixture.caller(fixture.tmpfs());
        Inotify inotify = new Inotify(InotifyFlags.IN_NONBLOCK);
        try (FileTree tree = new KernelTree(caller)) {
            prepare(tree);
            Map<Integer, String> names = new HashMap<>();
            for (String path : WATCHED) {
                names.put(inotify.watch(PathWalk.find(caller, path, 0).inode(), mask), path);
            }
            scenario.run(tree);
            byte[] events = new byte[1 << 16];
            long length = inotify.read(caller, UserBuffer.of(events));
            return text(
                    ByteBuffer.wrap(events, 0, (int) length).order(ByteOrder.LITTLE_ENDIAN), names);
        }
    }

    /** One event a line; cookies by order of appearance. */
    private static String text(ByteBuffer events, Map<Integer, String> names) {
        List<Integer> cookies = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        while (events.hasRemaining()) {
            int watch = events.getInt();
            int mask = events.getInt();
            int cookie = events.getInt();
            byte[] name = new byte[events.getInt()];
            events.get(name);
            if (cookie != 0 && !cookies.contains(cookie)) {
                cookies.add(cookie);
            }
            String shown = new String(name, StandardCharsets.ISO_8859_1).replace("\0", "");
            text.append(names.get(watch)).append(' ').append(maskText(mask));
            text.append(cookie == 0 ? "" : " #" + cookies.indexOf(cookie))
                    .append(' ')
                    .append(shown)
                    .append('\n');
        }
        return text.toString();
    }

    private static String maskText(int mask) {
        String[] bits = {
            "ACCESS",
            "MODIFY",
            "ATTRIB",
            "CLOSE_WRITE",
            "CLOSE_NOWRITE",
            "OPEN",
            "MOVED_FROM",
            "MOVED_TO",
            "CREATE",
            "DELETE",
            "DELETE_SELF",
            "MOVE_SELF"
        };
        StringBuilder text = new StringBuilder();
        for (int bit = 0; bit < bits.length; bit++) {
            text.append((mask & 1 << bit) != 0 ? "|" + bits[bit] : "");
        }
        text.append((mask & InotifyFlags.IN_IGNORED) != 0 ? "|IGNORED" : "");
        text.append((mask & InotifyFlags.IN_ISDIR) != 0 ? "|ISDIR" : "");
        return text.toString();
    }

    private static void compare(Scenario scenario, int mask) throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            String host = onHost(fixture.hostDirectory(), scenario, mask);
            assertEquals(host, onOurs(fixture, scenario, mask));
        }
    }

    @Test
    void doingsAreToldAsTheHostTellsThem() throws ErrnoException {
        compare(InotifyTest::doings, InotifyFlags.IN_ALL_EVENTS);
    }

    @Test
    void removalEndsWatches() throws ErrnoException {
        compare(InotifyTest::removal, InotifyFlags.IN_ALL_EVENTS);
        compare(InotifyTest::removal, InotifyFlags.IN_ALL_EVENTS | InotifyFlags.IN_EXCL_UNLINK);
        compare(InotifyTest::replacement, InotifyFlags.IN_ALL_EVENTS);
    }

    @Test
    void masksChooseAndOneShotsEnd() throws ErrnoException {
        compare(InotifyTest::doings, InotifyFlags.IN_CREATE | InotifyFlags.IN_CLOSE_WRITE);
        compare(InotifyTest::doings, InotifyFlags.IN_ALL_EVENTS | InotifyFlags.IN_ONESHOT);
    }
}
