package dev.runsc.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.state.Samples.Box;
import dev.runsc.state.Samples.Color;
import dev.runsc.state.Samples.Named;
import dev.runsc.state.Samples.Point;
import dev.runsc.state.Samples.RankedLock;
import dev.runsc.state.Samples.RankedLockAdapter;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SchemaTest {
    @Test
    void describesTypesInNameOrderAndFieldsInWritingOrder() throws StateException {
        String expected =
                """
                class test.Box 1
                  content java.lang.Object
                  second java.lang.Object
                enum test.Color 1
                  RED
                  GREEN
                  BLUE
                class test.Derived 1
                  Base.hidden int
                  label java.lang.String
                  address long
                  flag boolean
                  hidden int
                  large double
                  letter char
                  lock dev.runsc.state.Samples$RankedLock
                  middle short
                  next dev.runsc.state.Samples$Derived
                  peers java.util.List<dev.runsc.state.Samples$Derived>
                  ratio float
                  small byte
                record test.Everything 1
                  a boolean
                  b byte
                  c short
                  d char
                  e int
                  f long
                  g float
                  h double
                  i java.lang.Object
                record test.Named 1
                  name java.lang.String
                  value java.lang.Object
                record test.Point 1
                  x int
                  y int
                adapted test.RankedLock 1
                abstract test.Base
                """;
        assertEquals(expected, Samples.SCHEMA.describe());
    }

    record Mistake(String name, Runnable act) {}

    static List<Mistake> mistakes() {
        return List.of(
                new Mistake("not savable", () -> StateSchema.builder().type("a", 1, String.class)),
                new Mistake(
                        "class twice",
                        () ->
                                StateSchema.builder()
                                        .type("a", 1, Box.class)
                                        .type("b", 1, Box.class)),
                new Mistake(
                        "name twice",
                        () ->
                                StateSchema.builder()
                                        .type("a", 1, Box.class)
                                        .type("a", 1, Point.class)),
                new Mistake("version 0", () -> StateSchema.builder().type("a", 0, Box.class)),
                new Mistake(
                        "abstract", () -> StateSchema.builder().type("a", 1, Samples.Base.class)),
                new Mistake("interface", () -> StateSchema.builder().type("a", 1, Savable.class)),
                new Mistake("bad name", () -> StateSchema.builder().type("a[]", 1, Box.class)),
                new Mistake(
                        "name of the JDK",
                        () -> StateSchema.builder().type("java.x", 1, Box.class)),
                new Mistake("empty name", () -> StateSchema.builder().type("", 1, Box.class)),
                new Mistake(
                        "upgrade of nothing",
                        () -> StateSchema.builder().upgrade("a", 1, fields -> {})),
                new Mistake(
                        "upgrade from the present",
                        () ->
                                StateSchema.builder()
                                        .type("a", 1, Box.class)
                                        .upgrade("a", 1, fields -> {})),
                new Mistake(
                        "former name of nothing",
                        () -> StateSchema.builder().formerName("a", "b").build()),
                new Mistake(
                        "concrete as abstract",
                        () -> StateSchema.builder().abstractType("a", Box.class)));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void mistakesAreRefusedAtOnce(Mistake mistake) {
        assertThrows(IllegalArgumentException.class, mistake.act::run);
    }

    interface Shape extends Savable {}

    record Circle(int radius) implements Shape {}

    record Square(Unknown side) implements Shape {}

    static final class Unknown implements Savable {}

    interface NobodyImplements {}

    sealed interface Sealed extends Savable {}

    record Known(int x) implements Sealed {}

    record Forgotten(int x) implements Sealed {}

    static final class Root implements Savable {
        @Nullable Map<String, List<? extends Shape>> shapes;
        @Nullable NobodyImplements nobody;
        @Nullable Sealed sealed;
        @Nullable ReentrantLock lock;
        @Nullable RankedLock adapted;
        @Nullable EnumMap<Color, Thread> threads;
        Shape @Nullable [] array;
        @Nullable Object anything;
        transient @Nullable Thread worker;
    }

    @Test
    void reachabilityNamesEveryTypeThatIsMissing() {
        StateSchema schema =
                StateSchema.builder()
                        .type("Root", 1, Root.class)
                        .type("Circle", 1, Circle.class)
                        .type("Square", 1, Square.class)
                        .type("Known", 1, Known.class)
                        .adapter("Lock", 1, RankedLock.class, new RankedLockAdapter())
                        .build();
        String here = "dev.runsc.state.SchemaTest$";
        assertEquals(
                List.of(
                        "Root.array: arrays of " + here + "Shape need a name in the schema",
                        "Root.lock: java.util.concurrent.locks.ReentrantLock is neither registered"
                                + " in the schema nor built in",
                        "Root.nobody: no registered type implements " + here + "NobodyImplements",
                        "Root.sealed: "
                                + here
                                + "Forgotten is savable but not registered in the"
                                + " schema",
                        "Root.threads: dev.runsc.state.Samples$Color is neither registered in the"
                                + " schema nor built in",
                        "Root.threads: java.lang.Thread is a thread: make the field transient",
                        "Square.side: "
                                + here
                                + "Unknown is savable but not registered in the"
                                + " schema"),
                schema.verifyReachable(Root.class));
    }

    @Test
    void aCompleteSchemaHasNoProblems() {
        assertEquals(List.of(), Samples.SCHEMA.verifyReachable(Samples.Derived.class));
        assertEquals(List.of(), Samples.SCHEMA.verifyReachable(Box.class));
        assertEquals(List.of(), Samples.SCHEMA.verifyReachable(Named.class));
        assertTrue(StateSchema.builder().build().verifyReachable(Box.class).get(0).contains("Box"));
    }
}
