package dev.runsc.cli.image;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The processor's features by the names of /proc/cpuinfo. */
public final class CpuFeatures {
    private static final Path CPUINFO = Path.of("/proc/cpuinfo");

    private CpuFeatures() {}

    /** Those of this host. All its processors have the same. */
    public static List<String> ofHost() throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(CPUINFO, StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("flags")) {
                    return List.of(line.substring(line.indexOf(':') + 1).strip().split(" "));
                }
            }
        }
        return List.of();
    }

    /** What a snapshot needs and this host lacks. */
    static List<String> missing(List<String> needed) throws IOException {
        Set<String> here = new HashSet<>(ofHost());
        List<String> missing = new ArrayList<>();
        for (String feature : needed) {
            if (!here.contains(feature)) {
                missing.add(feature);
            }
        }
        return missing;
    }
}
