package dev.runsc.state;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one object as an image holds them, while {@link Upgrade} steps change them.
 * Primitive values are boxed in their own type. The single value of an adapted type is called
 * {@value #ADAPTED_VALUE}.
 */
public final class FieldValues {
    /** Name under which the value of a type with a {@link ValueAdapter} is found. */
    public static final String ADAPTED_VALUE = "value";

    private final String typeName;
    private final Map<String, @Nullable Object> values;

    FieldValues(String typeName, Map<String, @Nullable Object> values) {
        this.typeName = typeName;
        this.values = values;
    }

    /** Registered name of the object's type. */
    public String typeName() {
        return typeName;
    }

    public Set<String> names() {
        return Set.copyOf(values.keySet());
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    /** The value of a field that must be there; it may be null. */
    public @Nullable Object get(String name) throws StateException {
        if (!values.containsKey(name)) {
            throw new StateException(
                    "upgrade of " + typeName + ": the image has no field '" + name + "'");
        }
        return values.get(name);
    }

    /** The value of a field that must be there, must not be null and has that class. */
    public <T> T require(String name, Class<T> type) throws StateException {
        Object value = get(name);
        if (!type.isInstance(value)) {
            throw new StateException(
                    "upgrade of " + typeName + ": field '" + name + "' holds no " + type.getName());
        }
        return type.cast(value);
    }

    public FieldValues put(String name, @Nullable Object value) {
        values.put(name, value);
        return this;
    }

    /** Drops a field that the class no longer has. */
    public @Nullable Object remove(String name) throws StateException {
        @Nullable Object value = get(name);
        values.remove(name);
        return value;
    }

    public FieldValues rename(String from, String to) throws StateException {
        values.put(to, remove(from));
        return this;
    }
}
