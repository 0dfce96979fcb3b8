package dev.runsc.kernel.fs.gofer;

import dev.runsc.gofer.client.GoferClient;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The gofer mounts a sandbox has, by name: what a restore supplies so that images name no host
 * things.
 */
public final class GoferConnections {
    /**
     * A mount that a gofer serves.
     *
     * @param client the connection
     * @param root place of the mount in the gofer's arguments
     */
    public record Connection(GoferClient client, int root) {}

    private final Map<String, Connection> byName;

    /**
     * @param byName keys are {@code container-name + ":" + mount destination}
     */
    public GoferConnections(Map<String, Connection> byName) {
        this.byName = Map.copyOf(byName);
    }

    public @Nullable Connection find(String name) {
        return byName.get(name);
    }
}
