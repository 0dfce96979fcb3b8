package dev.runsc.snapshot.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the one who saves says about a snapshot. The store keeps it word for word and understands
 * only {@code name} and {@code parent}.
 *
 * @param name the name that shall point to this snapshot from now on
 * @param parent id of the snapshot it goes back to
 * @param runscVersion version of the program that saved
 * @param spec the OCI spec, as JSON text
 * @param cpuFeatures what the saved programs may have found in CPUID
 * @param networkMode how the sandbox was connected
 * @param sizes named sizes in bytes
 * @param stageNanos named stages of the save and what they took
 * @param annotations anything else
 */
public record SnapshotDescription(
        @Nullable String name,
        @Nullable String parent,
        String runscVersion,
        String spec,
        List<String> cpuFeatures,
        String networkMode,
        Map<String, Long> sizes,
        Map<String, Long> stageNanos,
        Map<String, String> annotations) {

    public SnapshotDescription {
        cpuFeatures = List.copyOf(cpuFeatures);
        sizes = Collections.unmodifiableMap(new LinkedHashMap<>(sizes));
        stageNanos = Collections.unmodifiableMap(new LinkedHashMap<>(stageNanos));
        annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects a description; everything but what is set stays empty. */
    public static final class Builder {
        private @Nullable String name;
        private @Nullable String parent;
        private String runscVersion = "";
        private String spec = "";
        private final List<String> cpuFeatures = new ArrayList<>();
        private String networkMode = "";
        private final Map<String, Long> sizes = new LinkedHashMap<>();
        private final Map<String, Long> stageNanos = new LinkedHashMap<>();
        private final Map<String, String> annotations = new LinkedHashMap<>();

        private Builder() {}

        public Builder name(@Nullable String value) {
            name = value;
            return this;
        }

        public Builder parent(@Nullable String value) {
            parent = value;
            return this;
        }

        public Builder runscVersion(String value) {
            runscVersion = value;
            return this;
        }

        public Builder spec(String json) {
            spec = json;
            return this;
        }

        public Builder cpuFeatures(List<String> values) {
            cpuFeatures.addAll(values);
            return this;
        }

        public Builder networkMode(String value) {
            networkMode = value;
            return this;
        }

        public Builder size(String what, long bytes) {
            sizes.put(what, bytes);
            return this;
        }

        public Builder stage(String what, long nanos) {
            stageNanos.put(what, nanos);
            return this;
        }

        public Builder annotation(String key, String value) {
            annotations.put(key, value);
            return this;
        }

        public SnapshotDescription build() {
            return new SnapshotDescription(
                    name,
                    parent,
                    runscVersion,
                    spec,
                    cpuFeatures,
                    networkMode,
                    sizes,
                    stageNanos,
                    annotations);
        }
    }
}
