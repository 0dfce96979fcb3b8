package dev.runsc.kernel.fs;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.client.GoferClient;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostSockets;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.gofer.host.UnixSocket;
import dev.runsc.gofer.server.GoferServer;
import dev.runsc.gofer.server.ServedRoot;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.fs.gofer.GoferConnections;
import dev.runsc.kernel.fs.gofer.GoferFileSystem;
import dev.runsc.kernel.fs.gofer.OwnerMap;
import dev.runsc.kernel.fs.tmpfs.MemoryFiles;
import dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem;
import dev.runsc.kernel.fs.tmpfs.TmpfsOptions;
import dev.runsc.kernel.memory.MemoryFile;
import dev.runsc.kernel.memory.MemoryFileHost;
import dev.runsc.kernel.time.Timekeeper;
import dev.runsc.kernel.vfs.FileSystem;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A VFS over a real memory file, with directories of the host and gofers that serve them. */
public final class FsFixture implements AutoCloseable {
    /** Where the host has a tmpfs. */
    private static final Path HOST_TMPFS = Path.of("/dev/shm");

    public final MemoryFileHost host;
    public final MemoryFile memoryFile;
    public final VirtualFileSystem vfs;
    private final List<Path> directories = new ArrayList<>();
    private final List<MemoryFile> memoryFiles = new ArrayList<>();
    private final List<GoferClient> clients = new ArrayList<>();
    private final List<Thread> gofers = new ArrayList<>();

    public FsFixture() throws ErrnoException {
        host = MemoryFileHost.create();
        memoryFile = new MemoryFile(host);
        memoryFiles.add(memoryFile);
        vfs = new VirtualFileSystem(new Timekeeper());
        vfs.setMemoryFiles(new MemoryFiles(vfs, memoryFile));
    }

    /** A memory file that an image brought, over this fixture's host side. */
    void closeLater(MemoryFile restored) {
        memoryFiles.add(restored);
    }

    public TmpfsFileSystem tmpfs() {
        return new TmpfsFileSystem(vfs, memoryFile, TmpfsOptions.unlimited(0755));
    }

    /** A caller with the test's own user and umask, so that the host judges it alike. */
    public TestCaller caller(FileSystem root) {
        try {
            Stat self = HostTree.stat("/proc/self");
            Credentials credentials = Credentials.root(new UserNamespace());
            if (self.uid() != 0) {
                credentials =
                        credentials
                                .withCapabilities(0, 0, 0)
                                .withUids(self.uid(), self.uid(), self.uid(), self.uid())
                                .withGids(self.gid(), self.gid(), self.gid(), self.gid());
            }
            TestCaller caller =
                    new TestCaller(
                            vfs.newNamespace(credentials.namespace(), root, "test", 0),
                            credentials);
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("Umask:")) {
                    caller.fs().exchangeUmask(Integer.parseInt(line.substring(6).strip(), 8));
                }
            }
            return caller;
        } catch (ErrnoException | IOException e) {
            throw new AssertionError(e);
        }
    }

    /** An empty directory on the host's tmpfs, gone when the test ends. */
    public Path hostDirectory() {
        try {
            Path directory = Files.createTempDirectory(HOST_TMPFS, "runsc-fs");
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            directories.add(directory);
            return directory;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Starts a gofer for a directory. */
    GoferConnections.Connection gofer(Path directory, boolean readOnly) throws ErrnoException {
        HostFd root = HostTree.open(directory.toString(), OpenFlags.O_PATH, 0);
        GoferServer server = new GoferServer(List.of(new ServedRoot(root, readOnly)));
        HostFd[] pair = HostSockets.socketpair(SocketConstants.SOCK_SEQPACKET);
        UnixSocket theirs = new UnixSocket(pair[1]);
        gofers.add(Thread.ofPlatform().start(() -> server.serve(theirs)));
        GoferClient client = new GoferClient(pair[0], reason -> {});
        clients.add(client);
        return new GoferConnections.Connection(client, 0);
    }

    public GoferFileSystem goferFs(Path directory, boolean readOnly, boolean shared)
            throws ErrnoException {
        GoferConnections connections =
                new GoferConnections(Map.of("test:/", gofer(directory, readOnly)));
        return new GoferFileSystem(
                vfs, connections, "test:/", new NoPlatform(), memoryFile, shared, OwnerMap.NONE);
    }

    @Override
    public void close() {
        for (GoferClient client : clients) {
            client.close();
        }
        for (Thread gofer : gofers) {
            try {
                gofer.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        memoryFiles.forEach(MemoryFile::close);
        try {
            host.close();
            for (Path directory : directories) {
                delete(directory);
            }
        } catch (ErrnoException | IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
