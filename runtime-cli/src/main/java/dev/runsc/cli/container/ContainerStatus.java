package dev.runsc.cli.container;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The states of the runtime specification, and paused.
 *
 * <pre>
 *   (new) -> creating -> created -> running <-> paused;   any -> stopped
 * </pre>
 */
public enum ContainerStatus {
    CREATING,
    CREATED,
    RUNNING,
    PAUSED,
    STOPPED;

    /** As state files and {@code runsc state} have it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static @Nullable ContainerStatus find(String text) {
        for (ContainerStatus status : values()) {
            if (status.text().equals(text)) {
                return status;
            }
        }
        return null;
    }
}
