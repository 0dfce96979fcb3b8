package dev.runsc.state.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IdentityIdsTest {
    private static final long SEED = Long.getLong("test.seed", 20_261_121L);

    @Test
    void agreesWithAnIdentityMap() {
        Random random = new Random(SEED);
        IdentityIds ids = new IdentityIds();
        Map<Object, Integer> expected = new IdentityHashMap<>();
        List<Object> keys = new ArrayList<>();
        for (int round = 0; round < 100_000; round++) {
            boolean known = !keys.isEmpty() && random.nextInt(4) == 0;
            // all keys are equal, so that only identity can tell them apart
            Object key = known ? keys.get(random.nextInt(keys.size())) : new String("key");
            keys.add(key);
            ids.put(key, round);
            expected.put(key, round);
            assertEquals(IdentityIds.ABSENT, ids.find(new String("key")));
        }
        for (Map.Entry<Object, Integer> entry : expected.entrySet()) {
            assertEquals(entry.getValue(), ids.find(entry.getKey()), "-Dtest.seed=" + SEED);
        }
    }
}
