package dev.runsc.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.state.Samples.Box;
import dev.runsc.state.Samples.Color;
import dev.runsc.state.Samples.Derived;
import dev.runsc.state.Samples.Everything;
import dev.runsc.state.Samples.Named;
import dev.runsc.state.Samples.Point;
import dev.runsc.state.Samples.RankedLock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RoundTripTest {
    private static @Nullable Object roundTrip(@Nullable Object content) throws StateException {
        return ObjectGraph.copy(Samples.SCHEMA, new Box(content), RestoreContext.empty()).content;
    }

    /** Copies of some objects made together. */
    private static Object[] copies(Object[] objects) throws StateException {
        return assertInstanceOf(Object[].class, roundTrip(objects));
    }

    static Stream<Object> equalAfterwards() {
        List<@Nullable Object> withNull = new ArrayList<>();
        withNull.add(null);
        withNull.add("after null");
        BitSet bits = new BitSet();
        bits.set(0);
        bits.set(100_000);
        Map<@Nullable String, @Nullable String> nullKey = new HashMap<>();
        nullKey.put(null, "value");
        nullKey.put("key", null);
        return Stream.of(
                true,
                (byte) -128,
                (short) -32768,
                '\uFFFF',
                Integer.MIN_VALUE,
                Long.MIN_VALUE,
                Float.NaN,
                -0.0,
                "",
                "ascii",
                "Grüße",
                "日本 \uD83D\uDE00",
                "\uDC00 lone surrogate \uD800",
                "x".repeat(100_000),
                "\u4e00".repeat(100_000),
                Color.RED,
                Color.GREEN,
                new Point(-1, Integer.MAX_VALUE),
                new Named("a", new Named("b", new Named("c", null))),
                new Everything(false, (byte) 1, (short) 2, '3', 4, 5, 6, 7, List.of("8")),
                withNull,
                List.of(),
                List.of(1),
                List.of("a", "b", "c"),
                Stream.of("a", null).toList(),
                Set.of(),
                Set.of(Color.BLUE),
                Set.of(1, 2, 3, 4, 5),
                Set.of(new Point(1, 2), "mixed", 3),
                Map.of(),
                Map.of("k", List.of("v")),
                Map.of(1, "one", 2, "two", 3, "three"),
                Map.of(new Point(1, 2), new Point(3, 4), new Point(5, 6), Color.GREEN),
                bits,
                new BitSet(),
                EnumSet.noneOf(Color.class),
                EnumSet.of(Color.GREEN, Color.BLUE),
                EnumSet.allOf(Color.class),
                new EnumMap<Color, String>(Color.class),
                new EnumMap<>(Map.of(Color.RED, "r", Color.GREEN, "g")),
                new ArrayList<>(),
                new HashSet<>(Set.of("a", "b")),
                new LinkedHashSet<>(List.of(3, 1, 2)),
                new TreeSet<>(List.of("c", "a", "b")),
                new TreeSet<>(List.of(new Point(2, 0), new Point(1, 0))),
                nullKey,
                new HashMap<>(Map.of(new Point(1, 1), "p", Color.RED, "e", 5L, "l")),
                new LinkedHashMap<>(Map.of("a", 1)),
                new TreeMap<>(Map.of(5, "five", 3, "three")));
    }

    @ParameterizedTest
    @MethodSource("equalAfterwards")
    void comesBackEqualAndOfTheSameClass(Object value) throws StateException {
        Object back = roundTrip(value);
        assertEquals(value, back);
        assertSame(value.getClass(), back == null ? null : back.getClass());
    }

    static Stream<Arguments> arrays() {
        long[] longs = new long[100_000];
        Arrays.setAll(longs, i -> i * 0x9E3779B97F4A7C15L);
        return Stream.<Object>of(
                        new boolean[] {true, false, true},
                        new byte[] {0, -1, 127},
                        new byte[0],
                        new byte[300_000],
                        new short[] {Short.MIN_VALUE, 0, Short.MAX_VALUE},
                        new char[] {0, '\uD800', '\uFFFF'},
                        new int[] {Integer.MIN_VALUE, 0, Integer.MAX_VALUE},
                        longs,
                        new float[] {Float.NaN, -0f, Float.MAX_VALUE},
                        new double[] {Double.NaN, -0d, Double.MIN_VALUE},
                        new Object[] {null, "a", 1},
                        new String[] {"a", null},
                        new Integer[] {1, null},
                        new Comparable<?>[] {1, "a"},
                        new Color[] {Color.GREEN},
                        new Point[] {new Point(1, 2), null},
                        new List<?>[] {List.of(), new ArrayList<>(List.of(1))},
                        new long[][] {{1}, {}, null},
                        new String[][][] {{{"deep"}}})
                .map(array -> Arguments.of(array));
    }

    @ParameterizedTest
    @MethodSource("arrays")
    void arraysComeBackEqualAndOfTheSameClass(Object array) throws StateException {
        Object back = roundTrip(array);
        assertArrayEquals(new Object[] {array}, new Object[] {back});
        assertSame(array.getClass(), back == null ? null : back.getClass());
    }

    @Test
    void atomicsAndQueuesKeepTheirValues() throws StateException {
        Object[] back =
                copies(
                        new Object[] {
                            new AtomicBoolean(true),
                            new AtomicInteger(-7),
                            new AtomicLong(Long.MAX_VALUE),
                            new AtomicReference<>("value"),
                            new AtomicReference<>(),
                            new ArrayDeque<>(List.of(1, 2, 3))
                        });
        assertTrue(((AtomicBoolean) back[0]).get());
        assertEquals(-7, ((AtomicInteger) back[1]).get());
        assertEquals(Long.MAX_VALUE, ((AtomicLong) back[2]).get());
        assertEquals("value", ((AtomicReference<?>) back[3]).get());
        assertNull(((AtomicReference<?>) back[4]).get());
        assertEquals(List.of(1, 2, 3), List.copyOf((ArrayDeque<?>) back[5]));
    }

    @Test
    void linkedCollectionsKeepTheirOrder() throws StateException {
        Map<String, Integer> map = new LinkedHashMap<>();
        Set<String> set = new LinkedHashSet<>();
        for (int i = 100; i > 0; i--) {
            map.put("k" + i, i);
            set.add("k" + i);
        }
        Object[] back = copies(new Object[] {map, set});
        assertEquals(
                List.copyOf(map.keySet()), List.copyOf(((LinkedHashMap<?, ?>) back[0]).keySet()));
        assertEquals(List.copyOf(set), List.copyOf((LinkedHashSet<?>) back[1]));
    }

    @Test
    void immutableCollectionsStayImmutable() throws StateException {
        Object[] back = copies(new Object[] {List.of(1), Set.of(1, 2), Map.of(1, 2)});
        assertThrows(UnsupportedOperationException.class, () -> ((List<?>) back[0]).clear());
        assertThrows(UnsupportedOperationException.class, () -> ((Set<?>) back[1]).clear());
        assertThrows(UnsupportedOperationException.class, () -> ((Map<?, ?>) back[2]).clear());
    }

    @Test
    void fieldsOfEveryKindIncludingPrivateFinalAndInheritedOnes() throws StateException {
        Derived before = new Derived(41, "label");
        Derived after = ObjectGraph.copy(Samples.SCHEMA, before, RestoreContext.empty());
        assertEquals(before.facts(), after.facts());
        assertEquals(7, before.derived());
        assertEquals(0, after.derived(), "no constructor and no initializer runs");
    }

    @Test
    void sharedReferencesAndCyclesSurvive() throws StateException {
        Derived a = new Derived(1, "a");
        Derived b = new Derived(2, "b");
        a.next = b;
        b.next = a;
        a.peers().addAll(List.of(a, b, a));
        Derived back = ObjectGraph.copy(Samples.SCHEMA, a, RestoreContext.empty());
        assertNotSame(a, back);
        assertSame(back, back.next == null ? null : back.next.next);
        assertSame(back, back.peers().get(0));
        assertSame(back.next, back.peers().get(1));
        assertSame(back, back.peers().get(2));
    }

    @Test
    void recordsAndImmutableCollectionsKeepIdentityAndReachIntoCycles() throws StateException {
        Box box = new Box(null);
        Named shared = new Named("shared", List.of(box));
        box.content = shared;
        box.second = new Object[] {shared, new Named("other", shared)};
        Box back = ObjectGraph.copy(Samples.SCHEMA, box, RestoreContext.empty());
        Named first = assertInstanceOf(Named.class, back.content);
        List<?> list = assertInstanceOf(List.class, first.value());
        assertSame(back, list.get(0));
        Object[] others = assertInstanceOf(Object[].class, back.second);
        assertSame(first, others[0]);
        assertSame(first, ((Named) others[1]).value());
    }

    @Test
    void equalStringsBecomeOne() throws StateException {
        Object[] back = copies(new Object[] {new String("same"), new String("same")});
        assertSame(back[0], back[1]);
    }

    @Test
    void identityMapsAndKeysWithIdentityHash() throws StateException {
        Box key = new Box("key");
        Map<Object, Object> identity = new IdentityHashMap<>();
        Map<Object, Object> hash = new HashMap<>();
        Set<Object> set = new HashSet<>();
        identity.put(key, 1);
        hash.put(key, 2);
        set.add(key);
        Object[] back = copies(new Object[] {key, identity, hash, set});
        Object newKey = back[0];
        assertEquals(1, ((Map<?, ?>) back[1]).get(newKey));
        assertEquals(2, ((Map<?, ?>) back[2]).get(newKey));
        assertTrue(((Set<?>) back[3]).contains(newKey));
        assertFalse(((Set<?>) back[3]).contains(key));
    }

    /** Compares by a field of an object that is filled after the record is made. */
    record ByTarget(Target target) implements Savable, Comparable<ByTarget> {
        @Override
        public int compareTo(ByTarget other) {
            return Integer.compare(target.number, other.target.number);
        }
    }

    static final class Target implements Savable, Comparable<Target> {
        private final int number;

        Target(int number) {
            this.number = number;
        }

        @Override
        public int compareTo(Target other) {
            return Integer.compare(number, other.number);
        }
    }

    @Test
    void mapsAreFilledWhenTheirKeysAreComplete() throws StateException {
        StateSchema schema =
                Samples.schema()
                        .type("test.ByTarget", 1, ByTarget.class)
                        .type("test.Target", 1, Target.class)
                        .build();
        TreeMap<Object, Integer> map = new TreeMap<>();
        TreeSet<Target> set = new TreeSet<>();
        for (int i = 100; i > 0; i--) {
            Target target = new Target(i);
            map.put(new ByTarget(target), i);
            set.add(target);
        }
        Box back =
                ObjectGraph.copy(schema, new Box(new Object[] {map, set}), RestoreContext.empty());
        Object[] both = assertInstanceOf(Object[].class, back.content);
        assertEquals(List.copyOf(map.values()), List.copyOf(((TreeMap<?, ?>) both[0]).values()));
        int expected = 1;
        for (Object target : (TreeSet<?>) both[1]) {
            assertEquals(expected++, ((Target) target).number);
        }
    }

    @Test
    void adaptedObjectsAreFreshAndStayShared() throws StateException {
        RankedLock lock = new RankedLock(Color.BLUE);
        lock.lock();
        Object[] back = copies(new Object[] {lock, lock, new RankedLock(Color.BLUE)});
        RankedLock restored = assertInstanceOf(RankedLock.class, back[0]);
        assertEquals(Color.BLUE, restored.rank());
        assertFalse(restored.isLocked());
        assertSame(restored, back[1]);
        assertNotSame(restored, back[2]);
    }

    @Test
    void adaptedObjectsMayBeKeysWhateverTheirHash() throws StateException {
        StateSchema schema =
                Samples.schema().adapter("test.Duration", 1, Duration.class, new Nanos()).build();
        Map<Duration, Integer> map = Map.of(Duration.ofDays(1), 1, Duration.ofMillis(5), 2);
        Object[] both = {map, new HashMap<>(map)};
        assertArrayEquals(both, ObjectGraph.copy(schema, both, RestoreContext.empty()));
    }

    private static final class Nanos implements ValueAdapter<Duration> {
        @Override
        public Object toValue(Duration duration) {
            return duration.toNanos();
        }

        @Override
        public Duration fromValue(@Nullable Object value) {
            if (value instanceof Long nanos) {
                return Duration.ofNanos(nanos);
            }
            throw new IllegalArgumentException("not a number of nanoseconds");
        }
    }

    @Test
    void preparingInAnotherThreadDoesNotDisturbALoad() throws Exception {
        StateSchema schema = Samples.schema().build();
        byte[] image = Samples.save(Samples.SCHEMA, Samples.mixed());
        FutureTask<Boolean> task =
                new FutureTask<>(() -> {
                    schema.prepareToLoad();
                    return true;
                });
        Thread thread = Thread.ofPlatform().start(task);
        for (int i = 0; i < 20; i++) {
            Box box = Samples.load(schema, Box.class, image);
            Derived derived =
                    assertInstanceOf(
                            Derived.class, assertInstanceOf(List.class, box.content).get(0));
            assertEquals("three", derived.label());
        }
        assertTrue(task.get());
        thread.join();
    }

    @Test
    void anObjectOfEveryKindMayBeTheRoot() throws StateException {
        assertEquals("text", ObjectGraph.copy(Samples.SCHEMA, "text", RestoreContext.empty()));
        assertEquals(
                new Point(1, 2),
                ObjectGraph.copy(Samples.SCHEMA, new Point(1, 2), RestoreContext.empty()));
        assertEquals(
                Map.of("a", 1),
                ObjectGraph.copy(
                        Samples.SCHEMA, new HashMap<>(Map.of("a", 1)), RestoreContext.empty()));
    }

    @Test
    void aMillionNodesOnTheDefaultStack() throws StateException {
        int length = 1_000_000;
        GraphBenchmark.ListNode back =
                ObjectGraph.copy(
                        GraphBenchmark.SCHEMA, GraphBenchmark.list(length), RestoreContext.empty());
        int count = 0;
        for (GraphBenchmark.ListNode at = back; at != null; at = at.next) {
            assertEquals(count++, at.value);
        }
        assertEquals(length, count);
    }

    @Test
    void recordsNestedDeeplyNeedNoStackEither() throws StateException {
        int depth = 200_000;
        Named chain = new Named("end", null);
        for (int i = 1; i < depth; i++) {
            chain = new Named("n", i % 2 == 0 ? chain : List.of(chain));
        }
        Object at = roundTrip(chain);
        int count = 0;
        while (at != null) {
            if (at instanceof Named named) {
                count++;
                at = named.value();
            } else {
                at = ((List<?>) at).get(0);
            }
        }
        assertEquals(depth, count);
    }

    @Test
    void severalImagesMayFollowEachOther() throws Exception {
        byte[] first = Samples.save(Samples.SCHEMA, "first");
        byte[] second = Samples.save(Samples.SCHEMA, "second");
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        ByteArrayInputStream source = new ByteArrayInputStream(both);
        RestoreContext context = RestoreContext.empty();
        assertEquals("first", ObjectGraph.load(Samples.SCHEMA, String.class, source, context));
        assertEquals("second", ObjectGraph.load(Samples.SCHEMA, String.class, source, context));
        assertEquals(0, source.available());
    }

    @Test
    void theSameGraphGivesTheSameBytes() throws StateException {
        Box root = Samples.mixed();
        byte[] image = Samples.save(Samples.SCHEMA, root);
        assertArrayEquals(image, Samples.save(Samples.SCHEMA, root));
        assertArrayEquals(image, Samples.save(Samples.schema().build(), root));
    }

    @Test
    void statsCountEveryObjectAndByte() throws Exception {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        SaveStats stats =
                ObjectGraph.save(
                        Samples.SCHEMA,
                        new Box(new Object[] {new Point(1, 2), new Point(3, 4), "text"}),
                        image);
        assertEquals(5, stats.objects());
        assertEquals(image.size(), stats.bytes());
        assertEquals(5, stats.types().stream().mapToLong(SaveStats.TypeStats::count).sum());
        assertTrue(
                stats.types().stream()
                        .anyMatch(row -> row.name().equals("test.Point") && row.count() == 2));
        assertTrue(stats.format().endsWith("total" + System.lineSeparator()));
    }
}
