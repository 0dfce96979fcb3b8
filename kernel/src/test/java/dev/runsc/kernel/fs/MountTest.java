package dev.runsc.kernel.fs;

import static dev.runsc.kernel.fs.TestFiles.contents;
import static dev.runsc.kernel.fs.TestFiles.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.fs.tmpfs.TmpfsType;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.MountListing;
import dev.runsc.kernel.vfs.MountNamespace;
import dev.runsc.kernel.vfs.MountOperations;
import dev.runsc.kernel.vfs.PathOperations;
import dev.runsc.kernel.vfs.PathWalk;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** mount(2), umount2(2), pivot_root(2), namespaces and their listings. */
final class MountTest {
    private static final class World implements AutoCloseable {
        final FsFixture fixture = fixture();
        final TestCaller caller = fixture.caller(fixture.tmpfs());

        World() throws ErrnoException {
            caller.credentials = Credentials.root(caller.credentials.namespace());
            fixture.vfs.register(new TmpfsType("tmpfs", fixture.memoryFile, 1000));
            for (String path : List.of("/a", "/a/in", "/b", "/with space")) {
                PathOperations.mkdir(caller, caller.fs().root(), path, 0755);
            }
            TestFiles.create(caller, "/a/in/f", "f");
        }

        private static FsFixture fixture() {
            try {
                return new FsFixture();
            } catch (ErrnoException e) {
                throw new AssertionError(e);
            }
        }

        void mount(String source, String at, String type, int flags, String data)
                throws ErrnoException {
            boolean needsPath = (flags & (MountFlags.MS_BIND | MountFlags.MS_MOVE)) != 0;
            @Nullable Location from =
                    needsPath && (flags & MountFlags.MS_REMOUNT) == 0 ? find(source) : null;
            MountOperations.mount(caller, fixture.vfs, source, from, find(at), type, flags, data);
        }

        void unmount(String at, int flags) throws ErrnoException {
            MountOperations.unmount(caller, fixture.vfs, find(at), flags);
        }

        Location find(String path) throws ErrnoException {
            return PathWalk.find(caller, path, PathWalk.FOLLOW);
        }

        MountNamespace namespace() {
            return Objects.requireNonNull(caller.fs().root().mount().namespace());
        }

        String mounts() {
            return MountListing.mounts(namespace(), caller.fs().root());
        }

        @Override
        public void close() {
            fixture.close();
        }
    }

    @Test
    void mountsAreListedAsInProc() throws ErrnoException {
        try (World world = new World()) {
            int flags = MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC;
            world.mount("my fs", "/with space", "tmpfs", flags, "size=64k,mode=750");
            assertEquals(
                    "test / tmpfs rw 0 0\n"
                            + "my\\040fs /with\\040space tmpfs rw,nosuid,nodev,noexec,relatime,size=64k,mode=750 0 0\n",
                    world.mounts());
            assertEquals(040750, world.find("/with space").inode().mode());
            world.mount(
                    "none", "/a", "tmpfs", MountFlags.MS_RDONLY | MountFlags.MS_STRICTATIME, "");
            assertTrue(world.mounts().endsWith("none /a tmpfs ro 0 0\n"), world.mounts());
            String info =
                    MountListing.mountInfo(
                            world.namespace(), world.caller.fs().root(), world.caller);
            assertTrue(
                    info.lines()
                            .allMatch(line ->
                                    line.matches(
                                            "\\d+ \\d+ 0:\\d+ / /\\S* r[ow]\\S* - tmpfs \\S+ r[ow]\\S*")),
                    info);
            fails(Errno.ENODEV, () -> world.mount("x", "/b", "nonsense", 0, ""));
            fails(Errno.EINVAL, () -> world.mount("x", "/b", "tmpfs", 0, "nonsense=1"));
            TestFiles.create(world.caller, "/file", "");
            fails(Errno.ENOTDIR, () -> world.mount("x", "/file", "tmpfs", 0, ""));
        }
    }

    @Test
    void bindsShowAPartOfTheTree() throws ErrnoException {
        try (World world = new World()) {
            world.mount("/a/in", "/b", "", MountFlags.MS_BIND, "");
            assertEquals("f", contents(world.caller, "/b/f"));
            assertEquals(world.find("/a/in/f").inode(), world.find("/b/f").inode());
            world.mount(
                    "none",
                    "/b",
                    "",
                    MountFlags.MS_REMOUNT | MountFlags.MS_BIND | MountFlags.MS_RDONLY,
                    "");
            fails(Errno.EROFS, () -> TestFiles.create(world.caller, "/b/g", ""));
            TestFiles.create(world.caller, "/a/in/g", "g");
            fails(
                    Errno.EXDEV,
                    () ->
                            PathOperations.rename(
                                    world.caller, world.find("/b"), "f", world.find("/a"), "f", 0));
            world.mount("t", "/a/in", "tmpfs", 0, "");
            assertEquals("g", contents(world.caller, "/b/g"));
            world.mount("/a", "/with space", "", MountFlags.MS_BIND | MountFlags.MS_REC, "");
            TestFiles.create(world.caller, "/a/in/deep", "deep");
            assertEquals("deep", contents(world.caller, "/with space/in/deep"));
            String info =
                    MountListing.mountInfo(
                            world.namespace(), world.caller.fs().root(), world.caller);
            assertTrue(info.contains(" /a/in /b ro"), info);
        }
    }

    @Test
    void filesAreBoundOverFilesOnly() throws ErrnoException {
        try (World world = new World()) {
            TestFiles.create(world.caller, "/file", "one");
            world.mount("/a/in/f", "/file", "", MountFlags.MS_BIND, "");
            assertEquals("f", contents(world.caller, "/file"));
            fails(
                    Errno.EBUSY,
                    () -> PathOperations.unlink(world.caller, world.caller.fs().root(), "/file"));
            fails(Errno.ENOTDIR, () -> world.mount("/a", "/file", "", MountFlags.MS_BIND, ""));
            world.unmount("/file", 0);
            assertEquals("one", contents(world.caller, "/file"));
        }
    }

    @Test
    void unmountingFreesThePoint() throws ErrnoException {
        try (World world = new World()) {
            fails(Errno.EINVAL, () -> world.unmount("/a", 0));
            fails(Errno.EBUSY, () -> world.unmount("/", 0));
            world.mount("t", "/a", "tmpfs", 0, "");
            PathOperations.mkdir(world.caller, world.caller.fs().root(), "/a/x", 0755);
            world.mount("t", "/a/x", "tmpfs", 0, "");
            fails(Errno.EBUSY, () -> world.unmount("/a", 0));
            fails(
                    Errno.EBUSY,
                    () -> PathOperations.rmdir(world.caller, world.caller.fs().root(), "/a/x"));
            world.unmount("/a", MountFlags.MNT_DETACH);
            assertEquals("f", contents(world.caller, "/a/in/f"));
            world.mount("t", "/a", "tmpfs", 0, "");
            world.fixture.vfs.setMountUsers(mount -> true);
            fails(Errno.EBUSY, () -> world.unmount("/a", 0));
            world.fixture.vfs.setMountUsers(mount -> false);
            world.unmount("/a", 0);
            fails(Errno.EINVAL, () -> world.unmount("/a", 1 << 10));
        }
    }

    @Test
    void mountsMove() throws ErrnoException {
        try (World world = new World()) {
            world.mount("t", "/a", "tmpfs", 0, "");
            TestFiles.create(world.caller, "/a/moved", "moved");
            world.mount("/a", "/b", "", MountFlags.MS_MOVE, "");
            assertEquals("moved", contents(world.caller, "/b/moved"));
            assertEquals("f", contents(world.caller, "/a/in/f"));
            fails(Errno.EINVAL, () -> world.mount("/a", "/b", "", MountFlags.MS_MOVE, ""));
        }
    }

    @Test
    void theRootPivots() throws ErrnoException {
        try (World world = new World()) {
            world.mount("new", "/a", "tmpfs", 0, "");
            PathOperations.mkdir(world.caller, world.caller.fs().root(), "/a/old", 0755);
            FsContext other = world.caller.fs().copy();
            List<FsContext> all = List.of(world.caller.fs(), other);
            fails(
                    Errno.EINVAL,
                    () ->
                            MountOperations.pivotRoot(
                                    world.caller,
                                    world.fixture.vfs,
                                    world.find("/a/old"),
                                    world.find("/a/old"),
                                    all));
            MountOperations.pivotRoot(
                    world.caller, world.fixture.vfs, world.find("/a"), world.find("/a/old"), all);
            assertEquals("f", contents(world.caller, "/old/a/in/f"));
            assertEquals("/", MountListing.path(other.workingDirectory(), other.root()));
            assertEquals("new / tmpfs rw,relatime 0 0\ntest /old tmpfs rw 0 0\n", world.mounts());
            world.unmount("/old", MountFlags.MNT_DETACH);
            fails(Errno.ENOENT, () -> contents(world.caller, "/old/a/in/f"));
        }
    }

    @Test
    void aCopiedNamespaceGoesItsOwnWay() throws ErrnoException {
        try (World world = new World()) {
            world.mount("t", "/a", "tmpfs", 0, "");
            TestFiles.create(world.caller, "/a/shared", "shared");
            PathOperations.changeDirectory(world.caller, world.find("/a"));
            FsContext context = world.caller.fs().copy();
            MountOperations.copyNamespace(context, world.caller.credentials.namespace());
            MountNamespace copy = context.root().mount().namespace();
            assertNotNull(copy);
            TestCaller inside =
                    new TestCaller(context, world.caller.files(), world.caller.credentials());
            assertEquals("shared", contents(inside, "shared"));
            assertNotSame(world.caller.fs().root().mount(), context.root().mount());
            world.unmount("/a", MountFlags.MNT_DETACH);
            assertEquals("shared", contents(inside, "/a/shared"));
            assertEquals(2, MountListing.mounts(copy, context.root()).lines().count());
            assertEquals(1, world.mounts().lines().count());
        }
    }

    @Test
    void onlyAdministratorsMount() throws ErrnoException {
        try (World world = new World()) {
            world.caller.credentials = world.caller.credentials.withCapabilities(0, 0, 0);
            fails(Errno.EPERM, () -> world.mount("t", "/a", "tmpfs", 0, ""));
            fails(Errno.EPERM, () -> world.unmount("/a", 0));
        }
    }
}
