package dev.runsc.kernel.fs;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.kernel.fs.overlay.OverlayFileSystem;
import dev.runsc.kernel.vfs.FileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Our file systems answer random operations as the host's tmpfs does. A failing seed is run again
 * by -Dtest.seed.
 */
final class TreeTortureTest {
    private static final long SEED = Long.getLong("test.seed", 1);
    private static final int STEPS = Integer.getInteger("test.steps", 6000);
    private static final TreeTorture.Tolerance NONE =
            new TreeTorture.Tolerance(false, false, false, false, false);

    /** Gofers make no files without a name. */
    private static final TreeTorture.Tolerance GOFER =
            new TreeTorture.Tolerance(false, false, false, false, true);

    /** Overlays count links of merged directories as Linux overlays do, and do not rename them. */
    private static final TreeTorture.Tolerance OVERLAY =
            new TreeTorture.Tolerance(true, true, true, true, false);

    @Test
    void tmpfsAnswersAsTheHost() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            run(fixture, fixture.tmpfs(), fixture.hostDirectory(), NONE);
        }
    }

    @Test
    void permissionsAreTheHosts() throws ErrnoException {
        if (HostTree.stat("/proc/self").uid() != 0) {
            NotRunnable.note(
                    "TreeTortureTest.permissionsAreTheHosts", "only root can act as several users");
            return;
        }
        if (!sysctl("protected_hardlinks").equals("1")
                || !sysctl("protected_symlinks").equals("0")) {
            NotRunnable.note(
                    "TreeTortureTest.permissionsAreTheHosts",
                    "the host's fs.protected_* differ from ours");
            return;
        }
        try (FsFixture fixture = new FsFixture()) {
            Path reference = fixture.hostDirectory();
            FileSystem fileSystem = fixture.tmpfs();
            try (FileTree ours = new KernelTree(fixture.caller(fileSystem));
                    FileTree host = new HostFileTree(reference)) {
                ours.chmod(".", 0777);
                host.chmod(".", 0777);
                TreeTorture torture = new TreeTorture(ours, host, SEED, NONE);
                torture.asManyUsers();
                run(torture);
            }
        }
    }

    private static String sysctl(String name) {
        try {
            return Files.readString(Path.of("/proc/sys/fs", name)).strip();
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void exclusiveGoferAnswersAsTheHost() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            Path served = fixture.hostDirectory();
            run(fixture, fixture.goferFs(served, false, false), fixture.hostDirectory(), GOFER);
        }
    }

    @Test
    void sharedGoferAnswersAsTheHost() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            Path served = fixture.hostDirectory();
            run(fixture, fixture.goferFs(served, false, true), fixture.hostDirectory(), GOFER);
        }
    }

    @Test
    void overlayOverTmpfsAnswersAsTheHost() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            Path reference = fixture.hostDirectory();
            FileSystem lower = fixture.tmpfs();
            try (FileTree tree = new KernelTree(fixture.caller(lower));
                    FileTree host = new HostFileTree(reference)) {
                plant(tree);
                plant(host);
            }
            FileSystem overlay =
                    new OverlayFileSystem(fixture.vfs, fixture.tmpfs(), List.of(lower.root()));
            run(fixture, overlay, reference, OVERLAY);
        }
    }

    @Test
    void overlayOverGoferAnswersAsTheHost() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            Path reference = fixture.hostDirectory();
            Path served = fixture.hostDirectory();
            try (FileTree tree = new HostFileTree(served);
                    FileTree host = new HostFileTree(reference)) {
                plant(tree);
                plant(host);
            }
            FileSystem lower = fixture.goferFs(served, true, false);
            FileSystem overlay =
                    new OverlayFileSystem(fixture.vfs, fixture.tmpfs(), List.of(lower.root()));
            run(fixture, overlay, reference, OVERLAY);
        }
    }

    private static void run(
            FsFixture fixture,
            FileSystem fileSystem,
            Path reference,
            TreeTorture.Tolerance tolerance)
            throws ErrnoException {
        System.err.println("tree torture: -Dtest.seed=" + SEED);
        try (FileTree ours = new KernelTree(fixture.caller(fileSystem));
                FileTree host = new HostFileTree(reference)) {
            run(new TreeTorture(ours, host, SEED, tolerance));
        }
    }

    private static void run(TreeTorture torture) {
        torture.compareTrees();
        for (int step = 1; step <= STEPS; step++) {
            torture.step();
            if (step % 200 == 0) {
                torture.compareTrees();
            }
        }
        torture.compareTrees();
    }

    /** A small tree of every kind of file. */
    private static void plant(FileTree tree) throws ErrnoException {
        for (String directory : List.of("a", "a/b", "a/b/c", "b", "b/a", "c")) {
            tree.mkdir(directory, 0755);
        }
        int index = 0;
        for (String file : List.of("a/a", "a/b/d", "a/b/c/a", "b/b", "d", "b/a/c", "c/a")) {
            tree.open(0, file, OpenFlags.O_CREAT | OpenFlags.O_WRONLY, 0644);
            tree.writeAt(0, new byte[] {1, 2, 3}, index++ * 5000L);
            tree.close(0);
        }
        tree.symlink("a/b", "e\u00ff");
        tree.symlink("d", "c/b");
        tree.mknod("c/d", 010644);
    }
}
