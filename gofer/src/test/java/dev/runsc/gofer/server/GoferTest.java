package dev.runsc.gofer.server;

import static dev.runsc.gofer.server.GoferFixture.assertErrno;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.ByteText;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.RenameFlags;
import dev.runsc.gofer.abi.Timespec;
import dev.runsc.gofer.client.DirectoryEntry;
import dev.runsc.gofer.client.GoferClient;
import dev.runsc.gofer.client.OpenedFile;
import dev.runsc.gofer.client.WalkResult;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.protocol.AttributeChange;
import dev.runsc.gofer.protocol.NodeAttributes;
import dev.runsc.gofer.protocol.Reply;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoferTest {
    @TempDir Path directory;

    private GoferFixture fixture;
    private GoferClient client;
    private long root;

    @BeforeEach
    void start() throws Exception {
        Files.createDirectories(directory.resolve("a/b"));
        Files.writeString(directory.resolve("a/b/file"), "content");
        Files.createSymbolicLink(directory.resolve("a/link"), Path.of("b/file"));
        fixture = new GoferFixture(directory);
        client = fixture.client;
        root = fixture.root();
    }

    @AfterEach
    void stop() {
        fixture.close();
        assertNull(fixture.death.get());
    }

    private long find(String... names) throws ErrnoException {
        WalkResult result = client.walk(root, List.of(names));
        assertEquals(Reply.WalkEnd.COMPLETE, result.end());
        return result.nodes().getLast().node();
    }

    private static String text(int fd) throws ErrnoException {
        ByteBuffer buffer = ByteBuffer.allocate(1000);
        HostFiles.pread(fd, buffer, 0);
        return StandardCharsets.UTF_8.decode(buffer.flip()).toString();
    }

    @Test
    void walksInOneExchange() throws Exception {
        WalkResult result = client.walk(root, List.of("a", "b", "file"));
        assertEquals(Reply.WalkEnd.COMPLETE, result.end());
        assertEquals(3, result.nodes().size());
        NodeAttributes last = result.nodes().getLast().attributes();
        Path file = directory.resolve("a/b/file");
        assertEquals(Files.getAttribute(file, "unix:ino"), last.ino());
        assertEquals(Files.getAttribute(file, "unix:mode"), last.mode());
        assertEquals(Files.getAttribute(file, "unix:dev"), last.dev());
        assertEquals(7, last.toStat().size());
        assertEquals(last, client.getAttributes(result.nodes().getLast().node()));
    }

    @Test
    void walksStopWhereTheKernelHasToDecide() throws ErrnoException {
        WalkResult link = client.walk(root, List.of("a", "link", "x"));
        assertEquals(Reply.WalkEnd.SYMLINK, link.end());
        assertEquals(2, link.nodes().size());
        assertEquals("b/file", link.linkTarget());
        WalkResult last = client.walk(root, List.of("a", "link"));
        assertEquals(Reply.WalkEnd.COMPLETE, last.end());
        assertEquals("b/file", last.linkTarget());
        assertEquals("b/file", client.readLink(last.nodes().getLast().node()));
        WalkResult file = client.walk(root, List.of("a", "b", "file", "x"));
        assertEquals(Reply.WalkEnd.NOT_DIRECTORY, file.end());
        WalkResult missing = client.walk(root, List.of("a", "none", "x"));
        assertEquals(Reply.WalkEnd.MISSING, missing.end());
        assertEquals(1, missing.nodes().size());
        assertEquals("", missing.linkTarget());
        int before = fixture.server.table.size();
        assertEquals(3, client.walkStat(root, List.of("a", "b", "file")).nodes().size());
        assertEquals(before, fixture.server.table.size());
    }

    @Test
    void donatedFilesNeedNoGofer() throws ErrnoException {
        long node = find("a", "b", "file");
        OpenedFile opened = client.open(node, OpenFlags.O_RDWR);
        if (!(opened instanceof OpenedFile.Donated donated)) {
            throw new AssertionError("not donated");
        }
        try (var fd = donated.fd()) {
            assertEquals("content", text(fd.number()));
            HostFiles.pwrite(fd.number(), ByteBuffer.wrap(new byte[] {'C'}), 0);
        }
        OpenedFile.Kept kept = (OpenedFile.Kept) client.open(node, OpenFlags.O_RDWR, false);
        ByteBuffer buffer = ByteBuffer.allocate(100);
        assertEquals(7, client.read(kept.handle(), 0, buffer));
        assertEquals("Content", StandardCharsets.UTF_8.decode(buffer.flip()).toString());
        ByteBuffer more = ByteBuffer.allocate(100_000);
        assertEquals(65536, client.write(kept.handle(), 1, more));
        assertEquals(34464, more.remaining());
        client.sync(kept.handle(), true);
        client.flush(kept.handle());
        assertEquals(65537, client.getAttributes(node).size());
        client.release(List.of(kept.handle(), node));
        assertErrno(Errno.EBADF, () -> client.read(kept.handle(), 0, buffer));
        assertErrno(Errno.EBADF, () -> client.getAttributes(node));
    }

    @Test
    void createsWithOwnerAndMode() throws ErrnoException {
        GoferClient.Created made = client.create(root, "new", OpenFlags.O_RDWR, 04751, -1, -1);
        ((OpenedFile.Donated) made.file()).fd().close();
        assertEquals(FileMode.S_IFREG, made.node().attributes().mode() & FileMode.S_IFMT);
        assertErrno(Errno.EEXIST, () -> client.create(root, "new", OpenFlags.O_RDWR, 0600, -1, -1));
        Reply.Node made2 = client.makeDirectory(root, "dir", 0750, -1, -1);
        assertEquals(FileMode.S_IFDIR, made2.attributes().mode() & FileMode.S_IFMT);
        int fifo = FileMode.S_IFIFO | 0600;
        assertEquals(fifo, client.makeNode(root, "fifo", fifo, -1, -1).attributes().mode());
        assertErrno(
                Errno.EPERM, () -> client.makeNode(root, "dev", FileMode.S_IFCHR | 0600, -1, -1));
        Reply.Node link = client.makeSymlink(root, "s", "a/b", -1, -1);
        assertEquals("a/b", client.readLink(link.node()));
        assertErrno(Errno.ELOOP, () -> client.open(link.node(), OpenFlags.O_RDONLY));
        long node = find("fifo");
        assertErrno(Errno.ENXIO, () -> client.open(node, OpenFlags.O_RDONLY));
        if ("root".equals(System.getProperty("user.name"))) {
            Reply.Node owned = client.makeDirectory(root, "owned", 02755, 12, 34);
            assertEquals(12, owned.attributes().uid());
            assertEquals(34, owned.attributes().gid());
            assertEquals(02755, owned.attributes().mode() & 07777);
        }
    }

    @Test
    void changesAttributes() throws ErrnoException {
        long node = find("a", "b", "file");
        AttributeChange change =
                AttributeChange.NOTHING
                        .withMode(0604)
                        .withSize(3)
                        .withMtime(new Timespec(1_000_000, 5));
        NodeAttributes after = client.setAttributes(node, change);
        assertEquals(0604, after.mode() & 07777);
        assertEquals(3, after.size());
        assertEquals(new Timespec(1_000_000, 5), after.mtime());
        assertNotEquals(new Timespec(1_000_000, 5), after.atime());
        long link = find("a", "link");
        assertErrno(
                Errno.EOPNOTSUPP,
                () -> client.setAttributes(link, AttributeChange.NOTHING.withMode(0600)));
        client.setAttributes(link, AttributeChange.NOTHING.withMtime(new Timespec(7, 0)));
        assertEquals(7, client.getAttributes(link).mtime().seconds());
        assertEquals(1_000_000, client.getAttributes(node).mtime().seconds());
        assertErrno(
                Errno.EISDIR,
                () -> client.setAttributes(root, AttributeChange.NOTHING.withSize(0)));
    }

    @Test
    void linksRenamesAndRemoves() throws ErrnoException {
        long file = find("a", "b", "file");
        long a = find("a");
        client.link(file, a, "second");
        assertEquals(2, client.getAttributes(file).nlink());
        long link = find("a", "link");
        client.link(
                link, root, "link2"); // the link itself, as linkat does without AT_SYMLINK_FOLLOW
        assertEquals("b/file", client.walk(root, List.of("link2")).linkTarget());
        client.rename(a, "second", root, "moved", 0);
        assertErrno(
                Errno.EEXIST,
                () -> client.rename(root, "moved", a, "link", RenameFlags.RENAME_NOREPLACE));
        client.unlink(root, "moved", false);
        assertEquals(1, client.getAttributes(file).nlink());
        assertErrno(Errno.EISDIR, () -> client.unlink(root, "a", false));
        assertErrno(Errno.ENOTEMPTY, () -> client.unlink(root, "a", true));
        assertTrue(client.statFileSystem(root).blockSize() > 0);
    }

    @Test
    void listsLargeDirectoriesInBatches() throws Exception {
        Set<String> expected = new HashSet<>();
        Path big = Files.createDirectory(directory.resolve("big"));
        for (int i = 0; i < 3000; i++) {
            String name = "a rather long name of an entry to fill batches " + i;
            Files.createFile(big.resolve(name));
            expected.add(name);
        }
        OpenedFile.Kept handle = (OpenedFile.Kept) client.open(find("big"), OpenFlags.O_RDONLY);
        List<String> seen = new ArrayList<>();
        int batches = 0;
        long position = 0;
        List<DirectoryEntry> batch = client.readDirectory(handle.handle(), position);
        while (!batch.isEmpty()) {
            batches++;
            batch.forEach(entry -> seen.add(entry.name()));
            assertEquals(FileMode.DT_REG, batch.getFirst().type());
            position = batch.getLast().nextPosition();
            batch = client.readDirectory(handle.handle(), position);
        }
        assertTrue(batches > 1);
        assertEquals(3000, seen.size());
        assertEquals(expected, new HashSet<>(seen));
        OpenedFile.Kept top = (OpenedFile.Kept) client.open(root, OpenFlags.O_RDONLY);
        List<String> names =
                client.readDirectory(top.handle(), 0).stream()
                        .map(DirectoryEntry::name)
                        .sorted()
                        .toList();
        assertEquals(List.of("a", "big"), names);
    }

    @Test
    void namesAreBytes() throws ErrnoException {
        String name = ByteText.of(new byte[] {(byte) 0xff, 'x', (byte) 0xc3, '(', '\n'});
        client.makeDirectory(root, name, 0755, -1, -1);
        OpenedFile.Kept top = (OpenedFile.Kept) client.open(root, OpenFlags.O_RDONLY);
        assertTrue(
                client.readDirectory(top.handle(), 0).stream()
                        .anyMatch(entry -> entry.name().equals(name)));
        assertEquals(Reply.WalkEnd.COMPLETE, client.walk(root, List.of(name)).end());
        client.unlink(root, name, true);
    }

    @Test
    void readOnlyRootsRefuseEveryChange() throws ErrnoException {
        long ro = fixture.readOnlyRoot();
        List<Reply.Node> nodes = client.walk(ro, List.of("a", "b", "file")).nodes();
        long file = nodes.getLast().node();
        long a = nodes.getFirst().node();
        ((OpenedFile.Donated) client.open(file, OpenFlags.O_RDONLY)).fd().close();
        int write = OpenFlags.O_WRONLY;
        assertErrno(Errno.EROFS, () -> client.open(file, write));
        assertErrno(Errno.EROFS, () -> client.open(file, OpenFlags.O_TRUNC));
        assertErrno(Errno.EROFS, () -> client.create(a, "n", OpenFlags.O_RDWR, 0600, -1, -1));
        assertErrno(Errno.EROFS, () -> client.makeDirectory(a, "n", 0700, -1, -1));
        assertErrno(Errno.EROFS, () -> client.makeNode(a, "n", FileMode.S_IFIFO, -1, -1));
        assertErrno(Errno.EROFS, () -> client.makeSymlink(a, "n", "x", -1, -1));
        assertErrno(Errno.EROFS, () -> client.link(file, a, "n"));
        assertErrno(Errno.EROFS, () -> client.unlink(a, "link", false));
        assertErrno(Errno.EROFS, () -> client.rename(a, "link", a, "n", 0));
        assertErrno(
                Errno.EROFS,
                () -> client.setAttributes(file, AttributeChange.NOTHING.withMode(0777)));
        assertErrno(Errno.EROFS, () -> client.setXattr(file, "user.x", new byte[1], 0));
        assertErrno(Errno.EROFS, () -> client.removeXattr(file, "user.x"));
        assertErrno(Errno.EXDEV, () -> client.link(file, root, "n"));
        assertFalse(Files.exists(directory.resolve("n"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void extendedAttributesOfTheUserFamily() throws ErrnoException {
        long file = find("a", "b", "file");
        assertErrno(Errno.EOPNOTSUPP, () -> client.getXattr(file, "security.capability"));
        assertErrno(Errno.EOPNOTSUPP, () -> client.setXattr(file, "trusted.x", new byte[] {1}, 0));
        try {
            client.setXattr(file, "user.x", new byte[] {1, 2}, 0);
        } catch (ErrnoException e) {
            assertEquals(Errno.EOPNOTSUPP, e.errno());
            return; // this file system has none: the error is the behaviour
        }
        assertArrayEquals(new byte[] {1, 2}, client.getXattr(file, "user.x"));
        assertEquals("user.x\0", ByteText.of(client.listXattr(file)));
        client.removeXattr(file, "user.x");
        assertErrno(Errno.ENODATA, () -> client.getXattr(file, "user.x"));
    }

    @Test
    void manyThreadsShareTheClient() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            List<Future<Integer>> all = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                String name = "t" + i;
                Callable<Integer> work =
                        () -> {
                            int done = 0;
                            for (int k = 0; k < 200; k++) {
                                Reply.Node node = client.makeDirectory(root, name, 0755, -1, -1);
                                done += client.walk(root, List.of(name)).nodes().size();
                                client.unlink(root, name, true);
                                client.release(node.node());
                            }
                            return done;
                        };
                all.add(threads.submit(work));
            }
            for (Future<Integer> one : all) {
                assertEquals(200, one.get());
            }
        }
    }

    @Test
    void closingAServerEndsTheClientsCalls() throws ErrnoException {
        GoferFixture second = new GoferFixture(directory);
        second.client.attach(0);
        second.close();
        assertErrno(Errno.EIO, () -> second.client.attach(0));
        assertNull(second.death.get());
    }
}
