package dev.runsc.state;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Measures saves and loads of a few large graphs and prints one table. Run it as a program; rounds
 * may be given as argument. The first round is cold, the figure to compare is the best one.
 */
final class GraphBenchmark {
    static final class ListNode implements Savable {
        final long value;
        @Nullable ListNode next;

        ListNode(long value) {
            this.value = value;
        }
    }

    record Range(long start, long length) implements Savable {}

    enum Kind {
        ANONYMOUS,
        FILE
    }

    static final class Area implements Savable {
        final Range range;
        final Kind kind;
        final int protection;
        final boolean shared;
        @Nullable Object mappable;
        String name;

        Area(Range range, Kind kind, int protection, boolean shared, String name) {
            this.range = range;
            this.kind = kind;
            this.protection = protection;
            this.shared = shared;
            this.name = name;
        }
    }

    static final class Holder implements Savable {
        final List<Area> areas = new ArrayList<>();
        final Map<Long, Area> byAddress = new HashMap<>();
        final List<byte[]> pages = new ArrayList<>();
    }

    static final StateSchema SCHEMA =
            StateSchema.builder()
                    .type("ListNode", 1, ListNode.class)
                    .type("Range", 1, Range.class)
                    .type("Kind", 1, Kind.class)
                    .type("Area", 1, Area.class)
                    .type("Holder", 1, Holder.class)
                    .build();

    private GraphBenchmark() {}

    static ListNode list(int length) {
        ListNode first = new ListNode(0);
        ListNode last = first;
        for (int i = 1; i < length; i++) {
            ListNode node = new ListNode(i);
            last.next = node;
            last = node;
        }
        return first;
    }

    static Holder areas(int count) {
        Holder holder = new Holder();
        for (int i = 0; i < count; i++) {
            Range range = new Range(0x7f00_0000_0000L + i * 8192L, 4096);
            Area area = new Area(range, Kind.values()[i & 1], 3, false, "area" + (i & 1023));
            holder.areas.add(area);
            holder.byAddress.put(range.start(), area);
        }
        return holder;
    }

    static Holder buffers(int count, int size) {
        Holder holder = new Holder();
        for (int i = 0; i < count; i++) {
            holder.pages.add(new byte[size]);
        }
        return holder;
    }

    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 8;
        measure("linked list, 1,000,000 nodes", list(1_000_000), rounds);
        measure("areas, 300,000 with range, name and map entry", areas(300_000), rounds);
        measure("byte arrays, 256 of 1 MiB", buffers(256, 1 << 20), rounds);
        measure("small graph, 1,000 areas", areas(1_000), rounds * 20);
    }

    private static void measure(String name, Object root, int rounds) throws Exception {
        PrintStream out = System.out;
        long firstSave = 0;
        long firstLoad = 0;
        long bestSave = Long.MAX_VALUE;
        long bestLoad = Long.MAX_VALUE;
        long objects = 0;
        long bytes = 0;
        for (int i = 0; i < rounds; i++) {
            ByteArrayOutputStream image = new ByteArrayOutputStream();
            long start = System.nanoTime();
            SaveStats stats = ObjectGraph.save(SCHEMA, root, image);
            long saved = System.nanoTime();
            ByteArrayInputStream source = new ByteArrayInputStream(image.toByteArray());
            long loading = System.nanoTime();
            ObjectGraph.load(SCHEMA, root.getClass(), source, RestoreContext.empty());
            long loaded = System.nanoTime();
            objects = stats.objects();
            bytes = stats.bytes();
            if (i == 0) {
                firstSave = saved - start;
                firstLoad = loaded - loading;
            }
            bestSave = Math.min(bestSave, saved - start);
            bestLoad = Math.min(bestLoad, loaded - loading);
        }
        out.printf(
                Locale.ROOT,
                "%-46s %9d objects %10d bytes; save ms first %7.1f best %7.1f (%.2f M/s);"
                        + " load ms first %7.1f best %7.1f (%.2f M/s)%n",
                name,
                objects,
                bytes,
                firstSave / 1e6,
                bestSave / 1e6,
                objects * 1e3 / bestSave,
                firstLoad / 1e6,
                bestLoad / 1e6,
                objects * 1e3 / bestLoad);
    }
}
