package dev.runsc.state;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Types and graphs that several tests use. */
final class Samples {
    /** A constant with a body has a class of its own. */
    enum Color {
        RED,
        GREEN {
            @Override
            String tone() {
                return "fresh";
            }
        },
        BLUE;

        String tone() {
            return "plain";
        }
    }

    /** Holds one thing of any kind. */
    static final class Box implements Savable {
        @Nullable Object content;
        @Nullable Object second;

        Box(@Nullable Object content) {
            this.content = content;
        }
    }

    record Point(int x, int y) implements Savable, Comparable<Point> {
        @Override
        public int compareTo(Point other) {
            return x != other.x ? Integer.compare(x, other.x) : Integer.compare(y, other.y);
        }
    }

    record Named(String name, @Nullable Object value) implements Savable {}

    record Everything(
            boolean a,
            byte b,
            short c,
            char d,
            int e,
            long f,
            float g,
            double h,
            @Nullable Object i)
            implements Savable {}

    /** A lock that is written as its rank only. */
    static final class RankedLock extends ReentrantLock {
        private static final long serialVersionUID = 1L;
        private final Color rank;

        RankedLock(Color rank) {
            this.rank = rank;
        }

        Color rank() {
            return rank;
        }
    }

    static final class RankedLockAdapter implements ValueAdapter<RankedLock> {
        @Override
        public @Nullable Object toValue(RankedLock lock) {
            return lock.rank();
        }

        @Override
        public RankedLock fromValue(@Nullable Object value) {
            if (value instanceof Color rank) {
                return new RankedLock(rank);
            }
            throw new IllegalArgumentException("not a rank");
        }
    }

    abstract static class Base implements Savable {
        private final int hidden;
        private final String label;

        Base(int hidden, String label) {
            this.hidden = hidden;
            this.label = label;
        }

        int baseHidden() {
            return hidden;
        }

        String label() {
            return label;
        }
    }

    /** Private final fields, a field that hides one of the superclass, transient ones. */
    static final class Derived extends Base {
        private final int hidden;
        private final boolean flag = true;
        private final byte small = -5;
        private final short middle = -3000;
        private final char letter = '\uD800';
        private final float ratio = Float.MIN_VALUE;
        private final double large = -0.0;
        private final long address = 0xFFFF_8000_0000_0000L;
        private final RankedLock lock = new RankedLock(Color.GREEN);
        private final List<Derived> peers = new ArrayList<>();
        private transient int derived = 7;
        @Nullable Derived next;

        Derived(int hidden, String label) {
            super(hidden + 1, label);
            this.hidden = hidden;
        }

        List<Object> facts() {
            return List.of(
                    hidden,
                    baseHidden(),
                    label(),
                    flag,
                    small,
                    middle,
                    letter,
                    ratio,
                    large,
                    address,
                    lock.rank());
        }

        List<Derived> peers() {
            return peers;
        }

        RankedLock lock() {
            return lock;
        }

        int derived() {
            return derived;
        }
    }

    static final StateSchema SCHEMA = schema().build();

    private Samples() {}

    static StateSchema.Builder schema() {
        return StateSchema.builder()
                .type("test.Color", 1, Color.class)
                .type("test.Box", 1, Box.class)
                .type("test.Point", 1, Point.class)
                .type("test.Named", 1, Named.class)
                .type("test.Everything", 1, Everything.class)
                .type("test.Derived", 1, Derived.class)
                .adapter("test.RankedLock", 1, RankedLock.class, new RankedLockAdapter())
                .abstractType("test.Base", Base.class);
    }

    static byte[] save(StateSchema schema, Object root) throws StateException {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        try {
            ObjectGraph.save(schema, root, image);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return image.toByteArray();
    }

    static <T> T load(StateSchema schema, Class<T> type, byte[] image) throws StateException {
        try {
            return ObjectGraph.load(
                    schema, type, new ByteArrayInputStream(image), RestoreContext.empty());
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Something of every supported kind, with cycles and shared references. */
    static Box mixed() {
        Box root = new Box(null);
        Derived derived = new Derived(3, "three");
        derived.next = derived;
        derived.peers().add(derived);
        List<@Nullable Object> all = new ArrayList<>();
        all.add(derived);
        all.add(new Everything(true, (byte) 1, (short) 2, 'c', 4, 5L, 6f, 7d, derived));
        all.add(new Named("nested", new Named("inner", List.of(root, new Point(1, 2)))));
        all.add(List.of());
        all.add(List.of("a"));
        all.add(Set.of("a", "b", "c", "d"));
        all.add(Map.of("one", 1, "two", 2, "three", 3));
        all.add(new String[][] {{"x", null}, {}, null});
        all.add(new Base[] {derived});
        all.add(new Object[] {1, 2L, '3', "4", 5.0, 6f, (byte) 7, (short) 8, true, null});
        all.add(new long[][] {{1, 2}, {3}});
        all.add(new boolean[] {true, false});
        all.add(new byte[] {1, -1});
        all.add(new short[] {1, -1});
        all.add(new char[] {'a', '\uFFFF'});
        all.add(new int[] {1, -1});
        all.add(new float[] {1, -1});
        all.add(new double[] {1, -1});
        BitSet bits = new BitSet();
        bits.set(3, 200);
        all.add(bits);
        all.add(EnumSet.of(Color.RED, Color.GREEN));
        all.add(new EnumMap<>(Map.of(Color.BLUE, "blue")));
        all.add(new AtomicBoolean(true));
        all.add(new AtomicInteger(-9));
        all.add(new AtomicLong(Long.MIN_VALUE));
        all.add(new AtomicReference<>(root));
        all.add(new ArrayDeque<>(List.of(1, 2, 3)));
        all.add(new HashSet<>(Set.of(new Point(5, 6), new Point(7, 8))));
        all.add(new LinkedHashSet<>(List.of("z", "y", "x")));
        all.add(new TreeSet<>(List.of(new Point(9, 9), new Point(1, 1))));
        Map<Object, Object> byKey = new HashMap<>();
        byKey.put(new Point(2, 3), "point");
        byKey.put(derived, "identity");
        byKey.put(Color.GREEN, "enum");
        byKey.put("text", root);
        all.add(byKey);
        all.add(new LinkedHashMap<>(Map.of(17L, "seventeen")));
        all.add(new TreeMap<>(Map.of("k", "v", "a", "b")));
        Map<Object, Object> identity = new IdentityHashMap<>();
        identity.put(derived, root);
        all.add(identity);
        root.content = all;
        root.second = "Grüße \uD83D\uDE00 \uD800";
        return root;
    }
}
