package dev.runsc.cli.container;

import dev.runsc.cli.base.Failure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The right to change one container, held by one thread of one process. It ends with the process.
 *
 * <p>The lock lies on a file of its own, which goes away with the container. So whoever has waited
 * for it must look whether the file is still the one in the directory: {@code /proc/self/fd} tells,
 * for it shows a removed file's name with a mark that no id can end with.
 */
public final class ContainerLock implements AutoCloseable {
    /** Locks of the host keep processes apart; these keep our own threads apart. */
    private static final ConcurrentHashMap<Path, ReentrantLock> IN_PROCESS =
            new ConcurrentHashMap<>();

    private final Path file;
    private final FileChannel channel;
    private final ReentrantLock inProcess;

    private ContainerLock(Path file, FileChannel channel, ReentrantLock inProcess) {
        this.file = file;
        this.channel = channel;
        this.inProcess = inProcess;
    }

    /** Waits for the lock on a file, which is made when missing. */
    static ContainerLock take(Path file) throws Failure {
        ReentrantLock inProcess = IN_PROCESS.computeIfAbsent(file, f -> new ReentrantLock());
        inProcess.lock();
        boolean taken = false;
        try {
            while (true) {
                FileChannel channel =
                        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock();
                if (lock.isValid() && isLinked(file)) {
                    taken = true;
                    return new ContainerLock(file, channel, inProcess);
                }
                channel.close();
            }
        } catch (IOException e) {
            throw new Failure("locking container: " + Failure.reason(e), e);
        } finally {
            if (!taken) {
                inProcess.unlock();
            }
        }
    }

    /** True when another process holds the lock, or another thread of ours. */
    static boolean isHeld(Path file) {
        ReentrantLock inProcess = IN_PROCESS.get(file);
        if (inProcess != null && inProcess.isLocked()) {
            return true;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null;
        } catch (IOException e) {
            // Without the file there is no holder.
            return false;
        }
    }

    private static boolean isLinked(Path file) throws IOException {
        String name = "/" + file.getFileName();
        try (DirectoryStream<Path> fds = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path fd : fds) {
                if (target(fd).endsWith(name)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String target(Path fd) {
        try {
            return Files.readSymbolicLink(fd).toString();
        } catch (IOException e) {
            // The descriptor that lists the directory, or one that another thread has closed
            // meanwhile.
            return "";
        }
    }

    /** A defect of the caller when it fails. */
    void requireHeld() {
        if (!channel.isOpen()) {
            throw new IllegalStateException("the lock is closed: " + file);
        }
    }

    /**
     * Removes the file, so that nothing is left of the container; the lock is still to be closed.
     */
    void removeFile() throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The lock has gone with the descriptor, which Linux frees in any case.
            dev.runsc.cli.base.DebugLog.write("closing lock: " + e.getMessage());
        } finally {
            inProcess.unlock();
        }
    }
}
