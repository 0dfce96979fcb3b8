package dev.runsc.cli.oci;

import dev.runsc.cli.base.Durations;
import dev.runsc.cli.base.Failure;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program of a container that runs in it before each save and after it, on both sides.
 *
 * @param arguments the program and its arguments
 * @param timeoutNanos how long each run may take
 */
public record SaveHook(List<String> arguments, long timeoutNanos) {
    /** Unless said otherwise. */
    public static final long TIMEOUT_NANOS = TimeUnit.MINUTES.toNanos(10);

    /**
     * Reads it; null when there is none.
     *
     * @param arguments separated by spaces
     * @param timeout as Go writes spans of time; null for ten minutes
     * @param timeoutName of the flag or annotation that says the timeout
     */
    public static @Nullable SaveHook of(
            @Nullable String arguments, @Nullable String timeout, String timeoutName)
            throws Failure {
        long nanos = TIMEOUT_NANOS;
        if (timeout != null) {
            nanos = Durations.parseNanos(timeoutName, timeout);
            if (nanos <= 0) {
                throw new Failure("invalid value \"" + timeout + "\" for flag " + timeoutName);
            }
        }
        if (arguments == null || arguments.isBlank()) {
            return null;
        }
        return new SaveHook(List.of(arguments.strip().split("\\s+")), nanos);
    }
}
