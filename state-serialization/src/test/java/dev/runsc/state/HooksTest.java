package dev.runsc.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HooksTest {
    /** Where hooks report in; supplied by the restore. */
    static final class Log {
        final List<String> lines = new ArrayList<>();
    }

    static final class Hooked implements Savable, AfterRestore, BeforeSave {
        final String name;
        final int order;
        final Map<String, Hooked> peers = new HashMap<>();
        int saves;
        transient @Nullable Log log;

        Hooked(String name, int order) {
            this.name = name;
            this.order = order;
        }

        @Override
        public void beforeSave() {
            saves++;
        }

        @Override
        public void afterRestore(RestoreContext context) throws RestoreException {
            log = context.require(Log.class);
            log.lines.add(name + " sees " + peers.size());
        }

        @Override
        public int restoreOrder() {
            return order;
        }
    }

    record HookedRecord(String name) implements Savable, AfterRestore {
        @Override
        public void afterRestore(RestoreContext context) throws RestoreException {
            context.require(Log.class).lines.add(name);
        }
    }

    static final class Failing implements Savable, AfterRestore {
        @Override
        public void afterRestore(RestoreContext context) {
            throw new IllegalStateException("broken\nhook");
        }
    }

    private static final StateSchema SCHEMA =
            Samples.schema()
                    .type("Hooked", 1, Hooked.class)
                    .type("HookedRecord", 1, HookedRecord.class)
                    .type("Failing", 1, Failing.class)
                    .build();

    @Test
    void onlyThoseRunThatAreWanted() throws StateException, IOException {
        Hooked root = new Hooked("root", RestoreOrder.NORMAL);
        root.peers.put("a", new Hooked("a", RestoreOrder.NORMAL));
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        ObjectGraph.save(SCHEMA, root, image);
        Log log = new Log();
        Hooked seen =
                ObjectGraph.look(
                        SCHEMA,
                        Hooked.class,
                        new ByteArrayInputStream(image.toByteArray()),
                        RestoreContext.builder().put(Log.class, log).build(),
                        hook -> hook instanceof Hooked one && one.name.equals("root"));
        assertEquals(List.of("root sees 1"), log.lines);
        assertNull(seen.peers.values().iterator().next().log);
    }

    @Test
    void runInOrderAfterEverythingIsLoaded() throws StateException {
        Hooked root = new Hooked("root", RestoreOrder.ACTORS);
        Hooked first = new Hooked("first", RestoreOrder.HOST_RESOURCES);
        Hooked second = new Hooked("second", RestoreOrder.NORMAL);
        Hooked third = new Hooked("third", RestoreOrder.NORMAL);
        Object[] all = {root, second, third, new HookedRecord("record"), first};
        root.peers.put("a", first);
        first.peers.putAll(Map.of("b", root, "c", second, "d", third));
        Log log = new Log();
        Object[] back =
                ObjectGraph.copy(SCHEMA, all, RestoreContext.builder().put(Log.class, log).build());
        assertEquals(
                List.of("first sees 3", "second sees 0", "third sees 0", "record", "root sees 1"),
                log.lines);
        assertSame(log, ((Hooked) back[0]).log);
        assertEquals(1, root.saves);
        assertEquals(1, ((Hooked) back[0]).saves, "the hook runs before the fields are read");
    }

    @Test
    void aMissingResourceFailsByName() {
        RestoreException missing =
                assertThrows(
                        RestoreException.class,
                        () -> ObjectGraph.copy(SCHEMA, new Hooked("x", 0), RestoreContext.empty()));
        assertEquals(
                "the restore supplies no dev.runsc.state.HooksTest$Log, which an object of the"
                        + " image needs",
                missing.getMessage());
    }

    @Test
    void anExceptionInAHookIsOneLine() {
        RestoreException failed =
                assertThrows(
                        RestoreException.class,
                        () -> ObjectGraph.copy(SCHEMA, new Failing(), RestoreContext.empty()));
        assertEquals(
                "restoring a dev.runsc.state.HooksTest$Failing failed:"
                        + " java.lang.IllegalStateException: broken hook",
                failed.getMessage());
    }

    @Test
    void contextHoldsOneResourcePerType() throws RestoreException {
        Log log = new Log();
        RestoreContext context = RestoreContext.builder().put(Log.class, log).build();
        assertSame(log, context.find(Log.class));
        assertSame(log, context.require(Log.class));
        assertNull(context.find(String.class));
        RestoreContext.Builder twice = RestoreContext.builder().put(Log.class, log);
        assertThrows(IllegalArgumentException.class, () -> twice.put(Log.class, log));
    }
}
