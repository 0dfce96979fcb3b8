package dev.runsc.kernel.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.kernel.fs.FsFixture;
import dev.runsc.kernel.fs.TestCaller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where paths lead, and which error says that they lead nowhere. */
final class PathWalkTest {
    /**
     * A path to open by openat2(2).
     *
     * @param flags {@code O_*}
     * @param resolve {@code RESOLVE_*}
     */
    private record Row(String path, int flags, int resolve) {}

    private static final int NO_LINKS = OpenFlags.RESOLVE_NO_SYMLINKS;
    private static final int BENEATH = OpenFlags.RESOLVE_BENEATH;
    private static final int IN_ROOT = OpenFlags.RESOLVE_IN_ROOT;
    private static final int PATH = OpenFlags.O_PATH;
    private static final int NOFOLLOW = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW;
    private static final int DIRECTORY = OpenFlags.O_DIRECTORY;

    /** Asked of the host below a directory, and of ours below the same one. */
    private static final List<Row> ROWS =
            List.of(
                    new Row("", PATH, 0),
                    new Row("/", PATH, IN_ROOT),
                    new Row("//", PATH, IN_ROOT),
                    new Row("..", PATH, IN_ROOT),
                    new Row("../../d", PATH, IN_ROOT),
                    new Row("/d/f", PATH, IN_ROOT),
                    new Row("/d/f", PATH, BENEATH),
                    new Row("..", PATH, BENEATH),
                    new Row("d/..", PATH, BENEATH),
                    new Row("d/../..", PATH, BENEATH),
                    new Row("d", PATH, 0),
                    new Row("d/", PATH, 0),
                    new Row("d//f", PATH, 0),
                    new Row("d/f/", PATH, 0),
                    new Row("d/f/.", PATH, 0),
                    new Row("d/f/..", PATH, 0),
                    new Row("d/f/x", PATH, 0),
                    new Row("d/none", PATH, 0),
                    new Row("d/none/x", PATH, 0),
                    new Row("toFile", PATH, 0),
                    new Row("toFile/", PATH, 0),
                    new Row("toDir/f", PATH, 0),
                    new Row("toDir", NOFOLLOW, 0),
                    new Row("toDir/", NOFOLLOW, 0),
                    new Row("toDir", OpenFlags.O_NOFOLLOW, 0),
                    new Row("toDir", OpenFlags.O_NOFOLLOW | DIRECTORY, 0),
                    new Row("toDir", DIRECTORY, 0),
                    new Row("toFile", DIRECTORY, 0),
                    new Row("d", DIRECTORY, NO_LINKS),
                    new Row("toDir", PATH, NO_LINKS),
                    new Row("toDir/f", PATH, NO_LINKS),
                    new Row("toDir", NOFOLLOW, NO_LINKS),
                    new Row("absolute", PATH, IN_ROOT),
                    new Row("absolute", PATH, BENEATH),
                    new Row("up", PATH, BENEATH),
                    new Row("up", PATH, IN_ROOT),
                    new Row("loop", PATH, 0),
                    new Row("loop", NOFOLLOW, 0),
                    new Row("loop/x", PATH, 0),
                    new Row("l40", PATH, 0),
                    new Row("l41", PATH, 0),
                    new Row("dangling", PATH, 0),
                    new Row("dangling/", NOFOLLOW, 0),
                    new Row("slashed", PATH, 0),
                    new Row("slashedFile", PATH, 0),
                    new Row("n".repeat(255), PATH, 0),
                    new Row("n".repeat(256), PATH, 0),
                    new Row("d/" + "n".repeat(256) + "/x", PATH, 0),
                    new Row("d/f/" + "n".repeat(256), PATH, 0),
                    new Row("./".repeat(2047) + "d", PATH, 0),
                    new Row("./".repeat(2048) + "d", PATH, 0),
                    new Row("d", OpenFlags.O_WRONLY, 0),
                    new Row("d", OpenFlags.O_RDONLY | OpenFlags.O_CREAT, 0),
                    new Row("d/", OpenFlags.O_RDONLY | OpenFlags.O_CREAT, 0),
                    new Row("d/f", OpenFlags.O_RDONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL, 0),
                    new Row(".", OpenFlags.O_RDONLY | OpenFlags.O_CREAT, 0),
                    new Row("d/.", OpenFlags.O_RDONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL, 0),
                    new Row(
                            "dangling",
                            OpenFlags.O_RDONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL,
                            0),
                    new Row("none/x", OpenFlags.O_RDONLY | OpenFlags.O_CREAT, 0),
                    new Row("none/", OpenFlags.O_RDONLY | OpenFlags.O_CREAT, 0),
                    new Row("loop", OpenFlags.O_RDONLY | OpenFlags.O_CREAT, 0),
                    new Row("d", OpenFlags.O_CREAT | DIRECTORY, 0),
                    new Row("d", OpenFlags.O_TMPFILE, 0),
                    new Row("d/f", OpenFlags.O_TMPFILE | OpenFlags.O_RDWR, 0),
                    new Row("d", OpenFlags.O_PATH | OpenFlags.O_RDWR, 0),
                    new Row("d", PATH, BENEATH | IN_ROOT),
                    new Row("d", PATH, 0x40));

    private static void plant(Path root) throws IOException {
        Files.createDirectory(root.resolve("d"));
        Files.writeString(root.resolve("d/f"), "file");
        link(root, "toFile", "d/f");
        link(root, "toDir", "d");
        link(root, "absolute", "/d/f");
        link(root, "up", "../");
        link(root, "loop", "loop");
        link(root, "dangling", "nowhere");
        link(root, "slashed", "d/");
        link(root, "slashedFile", "d/f/");
        for (int i = 1; i <= 41; i++) {
            link(root, "l" + i, i == 1 ? "d" : "l" + (i - 1));
        }
    }

    private static void link(Path root, String name, String target) throws IOException {
        Files.createSymbolicLink(root.resolve(name), Path.of(target));
        // Path drops trailing slashes, which matter here.
        if (target.endsWith("/")) {
            Files.delete(root.resolve(name));
            try (HostFd directory = HostTree.open(root.toString(), OpenFlags.O_PATH, 0)) {
                HostTree.symlinkat(RawName.bytes(target), directory.number(), RawName.bytes(name));
            } catch (ErrnoException e) {
                throw new IOException(e);
            }
        }
    }

    private static String onHost(HostFd root, Row row) {
        try (HostFd file =
                HostTree.openat2(
                        root.number(),
                        RawName.bytes(row.path),
                        row.flags,
                        mode(row),
                        row.resolve)) {
            return describe(HostFiles.fstat(file.number()).mode());
        } catch (ErrnoException e) {
            return e.errno().name();
        }
    }

    private static String onOurs(TestCaller caller, Row row) {
        try {
            OpenRequest request =
                    OpenRequest.of(Integer.toUnsignedLong(row.flags), mode(row), row.resolve);
            FileDescription file =
                    Opener.open(caller, caller.fs().workingDirectory(), row.path, request);
            String answer = describe(file.stat(caller).mode());
            file.release();
            return answer;
        } catch (ErrnoException e) {
            return e.errno().name();
        }
    }

    private static int mode(Row row) {
        int creating = OpenFlags.O_CREAT | OpenFlags.O_TMPFILE & ~OpenFlags.O_DIRECTORY;
        return (row.flags & creating) != 0 ? 0600 : 0;
    }

    private static String describe(int mode) {
        return Integer.toOctalString(mode >>> 12);
    }

    @Test
    void pathsLeadWhereTheHostSaysTheyDo() throws ErrnoException, IOException {
        try (FsFixture fixture = new FsFixture()) {
            Path host = fixture.hostDirectory();
            plant(host);
            TestCaller caller = fixture.caller(fixture.goferFs(host, false, false));
            StringBuilder differences = new StringBuilder();
            try (HostFd root = HostTree.open(host.toString(), OpenFlags.O_PATH, 0)) {
                for (Row row : ROWS) {
                    String expected = onHost(root, row);
                    String answer = onOurs(caller, row);
                    if (!expected.equals(answer)) {
                        differences
                                .append(row)
                                .append(": host ")
                                .append(expected)
                                .append(", ours ")
                                .append(answer);
                        differences.append('\n');
                    }
                }
            }
            assertEquals("", differences.toString());
        }
    }

    @Test
    void walksCrossMountsBothWays() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            TestCaller caller = fixture.caller(fixture.tmpfs());
            Location root = caller.fs().root();
            PathOperations.mkdir(caller, root, "/m", 0755);
            PathOperations.mkdir(caller, root, "/m/hidden", 0755);
            MountOperations.attach(find(caller, "/m"), fixture.tmpfs(), "one", 0);
            PathOperations.mkdir(caller, root, "/m/d", 0755);
            MountOperations.attach(find(caller, "/m"), fixture.tmpfs(), "two", 0);
            PathOperations.mkdir(caller, root, "/m/e", 0755);
            assertEquals("ENOENT", answer(() -> find(caller, "/m/d")));
            assertEquals("ENOENT", answer(() -> find(caller, "/m/hidden")));
            assertEquals("/m/e", path(caller, find(caller, "/m/e")));
            assertEquals("/m", path(caller, find(caller, "/m/e/..")));
            assertEquals("/", path(caller, find(caller, "/m/e/../..")));
            assertEquals("/", path(caller, find(caller, "/../..")));
            caller.fs().setRoot(find(caller, "/m/e"));
            assertEquals("/", path(caller, find(caller, "/..")));
            assertEquals("EXDEV", answer(() -> PathWalk.find(caller, root, "m", PathWalk.NO_XDEV)));
        }
    }

    @Test
    void readOnlyAndLinklessMountsRefuse() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            TestCaller caller = fixture.caller(fixture.tmpfs());
            Location root = caller.fs().root();
            PathOperations.symlink(caller, "x", root, "/link");
            PathOperations.mkdir(caller, root, "/x", 0755);
            root.mount().setFlags(MountFlags.MS_RDONLY | MountFlags.MS_NOSYMFOLLOW);
            assertEquals("EROFS", answer(() -> PathOperations.mkdir(caller, root, "/y", 0755)));
            assertEquals("EEXIST", answer(() -> PathOperations.mkdir(caller, root, "/x", 0755)));
            assertEquals("EROFS", answer(() -> PathOperations.rmdir(caller, root, "/x")));
            assertEquals("ELOOP", answer(() -> PathWalk.find(caller, "/link", PathWalk.FOLLOW)));
            assertEquals("ok", answer(() -> PathWalk.find(caller, "/link", 0)));
            OpenRequest create = OpenRequest.of(OpenFlags.O_CREAT | OpenFlags.O_RDWR, 0600);
            assertEquals("EROFS", answer(() -> Opener.open(caller, root, "/new", create)));
        }
    }

    @Test
    void removedDirectoriesStayUsableButEmpty() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            TestCaller caller = fixture.caller(fixture.tmpfs());
            Location root = caller.fs().root();
            PathOperations.mkdir(caller, root, "/gone", 0755);
            PathOperations.changeDirectory(caller, find(caller, "/gone"));
            PathOperations.rmdir(caller, root, "/gone");
            assertEquals(
                    "ENOENT",
                    answer(() ->
                            PathOperations.mkdir(caller, caller.fs().workingDirectory(), "a", 0)));
            assertEquals("ok", answer(() -> find(caller, ".")));
            assertEquals("/gone (deleted)", path(caller, find(caller, ".")));
            assertEquals("/", path(caller, find(caller, "..")));
        }
    }

    private interface Call {
        void run() throws ErrnoException;
    }

    private static String answer(Call call) {
        try {
            call.run();
            return "ok";
        } catch (ErrnoException e) {
            return e.errno().name();
        }
    }

    private static Location find(TestCaller caller, String path) throws ErrnoException {
        return PathWalk.find(caller, path, PathWalk.FOLLOW);
    }

    private static String path(TestCaller caller, Location location) {
        return MountListing.path(location, caller.fs().root());
    }
}
