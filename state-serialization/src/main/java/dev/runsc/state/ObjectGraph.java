package dev.runsc.state;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.Predicate;

/**
 * Saves and loads everything reachable from one object.
 *
 * <pre>{@code
 * StateSchema schema = StateSchema.builder()
 *         .type("task.Task", 1, Task.class)
 *         .adapter("sync.KernelLock", 1, KernelLock.class, new KernelLockAdapter())
 *         .build();
 * ObjectGraph.save(schema, kernel, output);
 * Kernel copy = ObjectGraph.load(schema, Kernel.class, input, context);
 * }</pre>
 */
public final class ObjectGraph {
    private ObjectGraph() {}

    /**
     * Writes {@code root} and everything reachable from it. The graph must not change meanwhile.
     * Nothing is written to {@code target} unless the whole graph can be saved. The stream is
     * neither flushed nor closed.
     *
     * @throws StateException when an object cannot be saved; the message names it and its path
     */
    public static SaveStats save(StateSchema schema, Object root, OutputStream target)
            throws StateException, IOException {
        return new GraphWriter(schema, root).save(target);
    }

    /**
     * Reads one image and brings its objects to life. No more bytes are taken from {@code source}
     * than the image has. Any input is safe: what is not a good image gives an exception, and takes
     * memory in proportion to the bytes that were there.
     *
     * @throws StateException when the bytes are no image that {@code schema} can read
     * @throws RestoreException when an {@link AfterRestore} hook fails
     */
    public static <T> T load(
            StateSchema schema, Class<T> rootType, InputStream source, RestoreContext context)
            throws StateException, IOException {
        return new GraphLoader(schema, source).load(rootType, context, hook -> true);
    }

    /**
     * As {@link #load}, for one who only looks at some of the objects: the others have their fields
     * and nothing else.
     *
     * @param awake whose {@link AfterRestore} hooks run
     */
    public static <T> T look(
            StateSchema schema,
            Class<T> rootType,
            InputStream source,
            RestoreContext context,
            Predicate<AfterRestore> awake)
            throws StateException, IOException {
        return new GraphLoader(schema, source).load(rootType, context, awake);
    }

    /** Saves to memory and loads again: an independent copy, as a restore would give it. */
    @SuppressWarnings("unchecked") // a graph comes back with the class it had
    public static <T> T copy(StateSchema schema, T root, RestoreContext context)
            throws StateException {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        try {
            save(schema, root, image);
            return (T)
                    load(
                            schema,
                            root.getClass(),
                            new ByteArrayInputStream(image.toByteArray()),
                            context);
        } catch (IOException impossible) {
            throw new AssertionError("memory does not fail", impossible);
        }
    }
}
