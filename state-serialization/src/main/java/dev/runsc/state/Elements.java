package dev.runsc.state;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The contents of immutable collections in an order that is the same in every process. */
final class Elements {
    private Elements() {}

    /** Elements of a list or set; keys and values of a map in turn. */
    static @Nullable Object[] of(Object collection) {
        if (collection instanceof Map<?, ?> map) {
            @Nullable Object[] keys = sorted(map.keySet().toArray());
            @Nullable Object[] pairs = new @Nullable Object[keys.length * 2];
            for (int i = 0; i < keys.length; i++) {
                pairs[2 * i] = keys[i];
                pairs[2 * i + 1] = map.get(keys[i]);
            }
            return pairs;
        }
        @Nullable Object[] elements = ((Collection<?>) collection).toArray();
        return collection instanceof Set<?> ? sorted(elements) : elements;
    }

    /**
     * Set.of and Map.of iterate in an order that differs from process to process. Elements with a
     * simple order of their own are sorted, so that equal graphs give equal images.
     */
    private static @Nullable Object[] sorted(@Nullable Object[] elements) {
        if (elements.length < 2 || elements[0] == null) {
            return elements;
        }
        Class<?> type = elements[0].getClass();
        boolean simple = type == String.class || Builtins.isBox(type) || type.isEnum();
        for (Object element : elements) {
            simple = simple && element != null && element.getClass() == type;
        }
        if (simple) {
            Arrays.sort(elements, naturalOrder());
        }
        return elements;
    }

    @SuppressWarnings("unchecked") // called with elements of one comparable class only
    private static Comparator<@Nullable Object> naturalOrder() {
        return (Comparator<@Nullable Object>) (Comparator<?>) Comparator.naturalOrder();
    }
}
