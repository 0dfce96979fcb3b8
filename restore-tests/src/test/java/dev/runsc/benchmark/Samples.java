package dev.runsc.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was measured. */
final class Samples {
    private record Key(Figure figure, String contestant) {}

    private final Map<Key, List<Double>> values = new LinkedHashMap<>();

    void add(Figure figure, Contestant contestant, double value) {
        values.computeIfAbsent(new Key(figure, contestant.name()), _ -> new ArrayList<>())
                .add(value);
    }

    boolean has(Figure figure, Contestant contestant) {
        return values.containsKey(new Key(figure, contestant.name()));
    }

    /** The median; {@link #has} says whether there is one. */
    double median(Figure figure, Contestant contestant) {
        List<Double> sorted =
                values.getOrDefault(new Key(figure, contestant.name()), List.of()).stream()
                        .sorted()
                        .toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
