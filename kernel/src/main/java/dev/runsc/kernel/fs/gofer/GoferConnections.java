package dev.runsc.kernel.fs.gofer;

import dev.runsc.gofer.client.GoferClient;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

    public GoferConnections(Map<String, Connection> first) {
        byName.putAll(first);
    }

    /** Adds those of one more container. */
    public void add(Map<String, Connection> more) {
        byName.putAll(more);
    }

    /** Ends those of a container that is gone: what still holds a file of it gets EIO. */
    public void remove(String containerName) {
        byName.entrySet()
                .removeIf(entry -> {
                    boolean its = entry.getKey().startsWith(containerName + ":");
                    if (its) {
                        entry.getValue().client().close();
                    }
                    return its;
                });
    }

    public @Nullable Connection find(String name) {
        return byName.get(name);
    }
}
