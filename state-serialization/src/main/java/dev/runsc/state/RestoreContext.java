package dev.runsc.state;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the surroundings supply to objects that come back: host descriptors, connections, clocks.
 * Looked up by type, never by number, so that an image works on another host. Immutable.
 */
public final class RestoreContext {
    private static final RestoreContext EMPTY = new RestoreContext(Map.of());

    private final Map<Class<?>, Object> resources;

    private RestoreContext(Map<Class<?>, Object> resources) {
        this.resources = resources;
    }

    /** A context that supplies nothing. */
    public static RestoreContext empty() {
        return EMPTY;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The resource registered under {@code type}. */
    public <T> T require(Class<T> type) throws RestoreException {
        @Nullable T found = find(type);
        if (found == null) {
            throw new RestoreException(
                    "the restore supplies no "
                            + type.getName()
                            + ", which an object of the image needs");
        }
        return found;
    }

    /** The resource registered under {@code type}, or null. */
    public <T> @Nullable T find(Class<T> type) {
        return type.cast(resources.get(type));
    }

    /** Collects the resources of one restore. */
    public static final class Builder {
        private final Map<Class<?>, Object> resources = new HashMap<>();

        private Builder() {}

        /**
         * Registers {@code resource} under exactly {@code type}.
         *
         * @throws IllegalArgumentException when that type is taken
         */
        public <T> Builder put(Class<T> type, T resource) {
            if (resources.putIfAbsent(type, type.cast(resource)) != null) {
                throw new IllegalArgumentException("resource given twice: " + type.getName());
            }
            return this;
        }

        public RestoreContext build() {
            return new RestoreContext(Map.copyOf(resources));
        }
    }
}
