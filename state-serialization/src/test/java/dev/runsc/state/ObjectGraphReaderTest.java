package dev.runsc.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.state.ObjectGraphReader.FieldInfo;
import dev.runsc.state.ObjectGraphReader.ObjectInfo;
import dev.runsc.state.Samples.Box;
import dev.runsc.state.Samples.Color;
import dev.runsc.state.Samples.Point;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectGraphReaderTest {
    private static String print(ObjectGraphReader reader) throws StateException, IOException {
        StringBuilder text = new StringBuilder();
        for (int id = 0; id < reader.objectCount(); id++) {
            ObjectInfo object = reader.read(id);
            text.append('#').append(id).append(' ').append(object.type());
            for (FieldInfo field : object.fields()) {
                text.append(' ').append(field.name()).append('=').append(field.value());
            }
            text.append('\n');
        }
        return text.toString();
    }

    @Test
    void printsEveryObject() throws Exception {
        Map<Object, @Nullable Object> map = new LinkedHashMap<>();
        map.put("key", new Point(1, -2));
        map.put(5, 'c');
        map.put(new Point(3, 4), EnumSet.of(Color.GREEN));
        Box box = new Box(map);
        box.second = new Object[] {box, null, "li\nne", Color.BLUE, new int[] {7, 8}};
        ObjectGraphReader reader = ObjectGraphReader.open(Samples.save(Samples.SCHEMA, box));
        assertEquals(
                """
                #0 test.Box content=#1 java.util.LinkedHashMap second=#2 java.lang.Object[]
                #1 java.util.LinkedHashMap ["key"]=#4 test.Point [5]=c \
                [#5 test.Point]=#6 java.util.EnumSet
                #2 java.lang.Object[] [0]=#0 test.Box [1]=null [2]="li\\u000ane" \
                [3]=test.Color.BLUE [4]=#9 int[]
                #3 java.lang.String value="key"
                #4 test.Point x=1 y=-2
                #5 test.Point x=3 y=4
                #6 java.util.EnumSet [0]=test.Color.GREEN
                #7 java.lang.String value="li\\u000ane"
                #8 test.Color value=BLUE
                #9 int[] length=2 [0]=7 [1]=8
                """,
                print(reader));
        assertEquals(0, reader.rootId());
        assertEquals("test.Point", reader.typeOf(4));
        reader.verify();
    }

    @Test
    void listsTypes() throws Exception {
        ObjectGraphReader reader =
                ObjectGraphReader.open(
                        Samples.save(Samples.SCHEMA, new Object[] {new Point(1, 2), Color.RED}));
        assertEquals(
                List.of(
                        "java.lang.Object[] 1 OBJECT_ARRAY []",
                        "test.Point 1 RECORD [x, y]",
                        "test.Color 1 ENUM [RED, GREEN, BLUE]"),
                reader.types().stream()
                        .map(t -> t.name() + " " + t.version() + " " + t.kind() + " " + t.fields())
                        .toList());
    }

    @Test
    void needsNoClassesOfTheImage() throws Exception {
        ObjectGraphReader reader =
                ObjectGraphReader.open(Samples.save(Samples.SCHEMA, Samples.mixed()));
        String text = print(reader);
        assertEquals(reader.objectCount(), text.lines().count());
        assertTrue(text.contains("address=-140737488355328"), text);
    }

    /** Counts the bytes that are asked for. */
    private static final class Counting implements ImageSource {
        private final ImageSource source;
        private long bytes;

        Counting(ImageSource source) {
            this.source = source;
        }

        @Override
        public long size() throws IOException {
            return source.size();
        }

        @Override
        public void readFully(long position, byte[] target) throws IOException {
            bytes += target.length;
            source.readFully(position, target);
        }
    }

    @Test
    void oneObjectOfALargeImageIsReadWithoutTheRest(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("image");
        try (var out = Files.newOutputStream(file)) {
            out.write(new byte[100]);
            ObjectGraph.save(GraphBenchmark.SCHEMA, GraphBenchmark.areas(100_000), out);
        }
        try (FileChannel channel = FileChannel.open(file)) {
            Counting source = new Counting(ImageSource.of(channel, 100));
            ObjectGraphReader reader = ObjectGraphReader.open(source);
            assertTrue(reader.bytes() > 3_000_000, "" + reader.bytes());
            ObjectInfo object = reader.read(150_000);
            assertEquals(150_000, object.id());
            assertTrue(source.bytes < 500_000, "" + source.bytes);
            reader.verify();
        }
    }

    @Test
    void longThingsAreCutShort() throws Exception {
        ObjectGraphReader reader =
                ObjectGraphReader.open(
                        Samples.save(
                                Samples.SCHEMA,
                                new Object[] {new int[5000], "x".repeat(5000), list(5000)}));
        assertEquals("3977 more", reader.read(1).fields().getLast().value());
        assertTrue(reader.read(2).fields().get(0).value().endsWith("x\" and 4488 more"));
        assertEquals("3976 more", reader.read(3).fields().getLast().value());
    }

    private static List<Integer> list(int size) {
        List<Integer> list = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            list.add(i);
        }
        return list;
    }

    @Test
    void idsOutsideAreRefused() throws Exception {
        ObjectGraphReader reader = ObjectGraphReader.open(Samples.save(Samples.SCHEMA, "text"));
        assertThrows(IndexOutOfBoundsException.class, () -> reader.read(1));
        assertThrows(IndexOutOfBoundsException.class, () -> reader.read(-1));
    }
}
