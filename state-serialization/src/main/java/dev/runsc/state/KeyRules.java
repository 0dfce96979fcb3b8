package dev.runsc.state;

import dev.runsc.state.internal.FieldKind;
import dev.runsc.state.internal.FieldSlot;
import dev.runsc.state.internal.TypeKind;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides what may be a key of a hash table or an element of a hash set: strings, boxed primitives,
 * enum constants, adapted objects, objects equal only to themselves, and records of such. The hash
 * of all of these is settled before the first table is filled, and computing it follows a small
 * number of references, whatever a hostile image says.
 */
final class KeyRules {
    /** Records within one key, and their components, that are looked at. */
    private static final int MAX_PARTS = 64;

    private final StateSchema schema;
    private final Map<Class<?>, Boolean> byClass = new IdentityHashMap<>();

    KeyRules(StateSchema schema) {
        this.schema = schema;
    }

    /** Why {@code key} cannot be a key, or null when it can. */
    @Nullable String findObjection(@Nullable Object key) throws StateException {
        return objection(key, new int[] {MAX_PARTS});
    }

    private @Nullable String objection(@Nullable Object key, int[] budget) throws StateException {
        if (key == null || isPlain(key.getClass())) {
            return null;
        }
        TypeEntry entry = schema.find(key.getClass());
        if (entry != null && entry.kind() == TypeKind.ADAPTED) {
            return null;
        }
        if (!(key instanceof Record)) {
            return "an object of "
                    + key.getClass().getName()
                    + " has its own hashCode and cannot be a key: use a record";
        }
        if (entry == null) {
            return "record " + key.getClass().getName() + " is not registered";
        }
        for (FieldSlot slot : entry.shape().slots()) {
            if (--budget[0] < 0) {
                return "a key of record " + key.getClass().getName() + " has too many parts";
            }
            if (slot.kind() == FieldKind.REFERENCE) {
                // each level takes from the budget, which bounds the recursion too
                @Nullable String inner = objection(slot.get(key), budget);
                if (inner != null) {
                    return inner;
                }
            }
        }
        return null;
    }

    /** True for classes whose every object is a good key. */
    private boolean isPlain(Class<?> type) {
        Boolean known = byClass.get(type);
        if (known == null) {
            known = plain(type);
            byClass.put(type, known);
        }
        return known;
    }

    private static boolean plain(Class<?> type) {
        if (type == String.class || Builtins.isBox(type) || Enum.class.isAssignableFrom(type)) {
            return true;
        }
        if (type.isRecord()) {
            return false;
        }
        try {
            return type.getMethod("hashCode").getDeclaringClass() == Object.class;
        } catch (NoSuchMethodException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
