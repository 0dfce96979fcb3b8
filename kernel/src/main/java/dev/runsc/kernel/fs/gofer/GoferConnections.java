package dev.runsc.kernel.fs.gofer;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.client.GoferClient;
import dev.runsc.gofer.client.OpenedFile;
import dev.runsc.gofer.host.HostFd;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The gofer mounts a sandbox has, by name: what a restore supplies so that images name no host
 * things. Keys are {@code container-name + ":" + mount destination}.
 */
public final class GoferConnections {
    /**
     * A mount that a gofer serves.
     *
     * @param client the connection
     * @param root place of the mount in the gofer's arguments
     */
    public record Connection(GoferClient client, int root) {}

    private final ConcurrentHashMap<String, Connection> byName = new ConcurrentHashMap<>();

    /** What file systems keep open of each. */
    private final ConcurrentHashMap<String, List<NodeCache>> caches = new ConcurrentHashMap<>();

    private final FileReads reads = new FileReads();

    public GoferConnections(Map<String, Connection> first) {
        byName.putAll(first);
    }

    /** Adds those of one more container. */
    public void add(Map<String, Connection> more) {
        byName.putAll(more);
    }

    /** A file system keeps files of a connection open. */
    void use(String name, NodeCache cache) {
        caches.computeIfAbsent(name, unknown -> new CopyOnWriteArrayList<>()).add(cache);
    }

    /** Ends those of a container that is gone: what still holds a file of it gets EIO. */
    public void remove(String containerName) {
        caches.entrySet()
                .removeIf(entry -> {
                    boolean its = entry.getKey().startsWith(containerName + ":");
                    if (its) {
                        entry.getValue().forEach(NodeCache::end);
                    }
                    return its;
                });
        byName.entrySet()
                .removeIf(entry -> {
                    boolean its = entry.getKey().startsWith(containerName + ":");
                    if (its) {
                        entry.getValue().client().close();
                    }
                    return its;
                });
    }

    /** What was read through all of them, those that have ended too. */
    public FileReads reads() {
        return reads;
    }

    /** Closes the host descriptors of files that nobody uses; they are opened again when needed. */
    public void closeIdleFiles() {
        caches.values().forEach(each -> each.forEach(NodeCache::closeIdle));
    }

    /**
     * Opens a mount that is a single file, for reading.
     *
     * @return the caller's to close
     * @throws ErrnoException ENODEV when there is no mount of that name, or the gofer's error
     */
    public HostFd openFile(String name) throws ErrnoException {
        Connection connection = find(name);
        if (connection == null) {
            throw Errno.ENODEV.error();
        }
        GoferClient client = connection.client();
        long node = client.attach(connection.root()).root().node();
        try {
            OpenedFile opened = client.open(node, OpenFlags.O_RDONLY);
            if (opened instanceof OpenedFile.Donated donated) {
                return donated.fd();
            }
            client.release(((OpenedFile.Kept) opened).handle());
            throw Errno.EINVAL.error();
        } finally {
            client.release(node);
        }
    }

    public @Nullable Connection find(String name) {
        return byName.get(name);
    }
}
