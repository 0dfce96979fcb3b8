package dev.runsc.state;

import org.jspecify.annotations.Nullable;

/**
 * Writes objects of one type as a small value instead of field by field, and builds fresh ones from
 * it. For types that hold no facts of their own (a lock is its rank, a wait queue is nothing) or
 * whose class is not ours. Identity is kept: an object shared before is shared afterwards.
 *
 * <p>The value is null, a String, a boxed primitive, an enum constant of a registered type, or an
 * array of primitives.
 */
public interface ValueAdapter<T> {
    /** The value that stands for {@code object}. */
    @Nullable Object toValue(T object);

    /**
     * A new object for {@code value}. An unchecked exception means that the value makes no sense;
     * it is reported as a damaged image.
     */
    T fromValue(@Nullable Object value);
}
