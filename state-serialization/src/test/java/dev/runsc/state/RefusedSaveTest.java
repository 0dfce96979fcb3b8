package dev.runsc.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.state.Samples.Box;
import dev.runsc.state.Samples.Named;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What cannot be saved is named, with the way to it. */
class RefusedSaveTest {
    static final class Unregistered implements Savable {}

    static final class Stranger {}

    enum UnregisteredEnum {
        ONE
    }

    record UnregisteredRecord(int x) implements Savable {}

    /** Equality by value without being a record. */
    static final class ValueLike implements Savable {
        final int value;

        ValueLike(int value) {
            this.value = value;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof ValueLike that && that.value == value;
        }

        @Override
        public int hashCode() {
            return value;
        }
    }

    static final class ExtendsList extends ArrayList<String> implements Savable {
        private static final long serialVersionUID = 1L;
    }

    static final class TransientFinal implements Savable {
        private final transient int lost = new Object().hashCode();

        int lost() {
            return lost;
        }
    }

    private int used = 1;

    final class Inner implements Savable {
        int use() {
            return used++;
        }
    }

    static final class FailingHook implements Savable, BeforeSave {
        @Override
        public void beforeSave() {
            throw new IllegalStateException("not\nnow");
        }
    }

    private static final StateSchema SCHEMA =
            Samples.schema()
                    .type("ValueLike", 1, ValueLike.class)
                    .type("ExtendsList", 1, ExtendsList.class)
                    .type("TransientFinal", 1, TransientFinal.class)
                    .type("Inner", 1, Inner.class)
                    .type("FailingHook", 1, FailingHook.class)
                    .build();

    record Row(String expected, Object root) {}

    private static Row row(String expected, Object content) {
        return new Row(expected, new Box(content));
    }

    private static Object inField(Object offender) {
        return new Box(offender);
    }

    static Stream<Row> rows() {
        Runnable lambda = () -> {};
        Map<Object, Object> cyclic = new LinkedHashMap<>();
        cyclic.put("deep", new Object[] {1, new Named("n", List.of(new Named("m", lambda)))});
        return Stream.of(
                row("root.content: [^ ]*Lambda[^ ]* is a lambda.*", lambda),
                row("root.content\\[deep\\]\\[1\\].value\\[0\\].value: .* is a lambda.*", cyclic),
                row("root.content: java.lang.Thread is a thread.*", new Thread(lambda)),
                row("root.content.content: .*Stranger is neither .*", inField(new Stranger())),
                row("root.content: .*Unregistered is savable but not reg.*", new Unregistered()),
                row("root.content: .*UnregisteredEnum is neither .*", UnregisteredEnum.ONE),
                row("root.content: .*UnregisteredRecord is savable .*", new UnregisteredRecord(1)),
                row("root.content: java.lang.Class is neither .*", String.class),
                row("root.content: java.util.Optional is neither .*", Optional.of(1)),
                row("root.content: java.lang.Object is neither .*", new Object()),
                row(
                        "root.content: .*UnmodifiableRandomAccessList is neither .*",
                        Collections.unmodifiableList(new ArrayList<>())),
                row(
                        "root.content: .*Arrays.ArrayList is neither .*",
                        java.util.Arrays.asList(1, 2)),
                row(
                        "root.content: the component type of .*Stranger\\[\\] has no name.*",
                        new Stranger[0]),
                row("root.content: it is sorted by .*", new TreeMap<>(Comparator.reverseOrder())),
                row("root.content: it is sorted by .*", new TreeSet<>(Collections.reverseOrder())),
                row(
                        "root.content\\[entry 0\\].key: .*ValueLike has its own hashCode.*",
                        new HashMap<>(Map.of(new ValueLike(1), 1))),
                row(
                        "root.content\\[0\\]: .*ValueLike has its own hashCode.*",
                        new HashSet<>(Set.of(new ValueLike(1)))),
                row(
                        "root.content\\[0\\].*: .*ArrayList has its own hashCode.*",
                        Set.of(new Named("key", new ArrayList<>()))),
                row("root.content\\[0\\]: .* has too many parts", Set.of(nested(100))),
                row("root.content: .*ExtendsList extends java.util.ArrayList.*", new ExtendsList()),
                row(
                        "root.content: .*TransientFinal.lost is transient and final.*",
                        new TransientFinal()),
                row(
                        "root.content: .*Inner.this\\$0 is hidden.*",
                        new RefusedSaveTest().new Inner()),
                row(
                        "root.content: a key of an IdentityHashMap is a java.lang.String.*",
                        new IdentityHashMap<>(Map.of("a", 1))),
                row(
                        "root.content.value: .*Thread is a thread.*",
                        new AtomicReference<>(new Thread(lambda))),
                row(
                        "root.content: reading it failed: java.lang.IllegalStateException: not now",
                        new FailingHook()),
                new Row("root: .*Stranger is neither .*", new Stranger()),
                new Row("root.value: .*Stranger is neither .*", new Named("n", new Stranger())));
    }

    private static Named nested(int depth) {
        Named named = new Named("end", null);
        for (int i = 0; i < depth; i++) {
            named = new Named("n", named);
        }
        return named;
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isNamed(Row row) {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        StateException refused =
                assertThrows(StateException.class, () -> ObjectGraph.save(SCHEMA, row.root, image));
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.matches("cannot save " + row.expected), message);
        assertEquals(0, image.size(), "nothing is written");
    }

    @Test
    void aBoxedRootIsRefused() {
        assertThrows(StateException.class, () -> Samples.save(SCHEMA, 5));
    }

    @Test
    void aLongPathIsShortened() {
        Box root = new Box("leaf");
        for (int i = 0; i < 1000; i++) {
            root = new Box(root);
        }
        Box end = root;
        while (end.content instanceof Box next) {
            end = next;
        }
        end.content = new Object();
        Box start = root;
        StateException refused =
                assertThrows(StateException.class, () -> Samples.save(SCHEMA, start));
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.startsWith("cannot save root ... .content.content"), message);
        assertTrue(message.length() < 600, message);
    }

    @Test
    void anEmptyEnumMapOfAnUnregisteredEnumIsRefused() {
        assertThrows(
                StateException.class,
                () -> Samples.save(SCHEMA, new java.util.EnumMap<>(UnregisteredEnum.class)));
    }
}
