package dev.runsc.state;

import dev.runsc.state.internal.TypeKind;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Queue;
import java.util.SequencedCollection;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** The types that every schema knows. */
final class Builtins {
    /** Classes of the JDK whose objects are saved, with their kind. */
    private static final Map<Class<?>, TypeKind> KINDS = new IdentityHashMap<>();

    /** Boxed primitives, written in place. */
    private static final Set<Class<?>> BOXES =
            Set.of(
                    Boolean.class,
                    Byte.class,
                    Short.class,
                    Character.class,
                    Integer.class,
                    Long.class,
                    Float.class,
                    Double.class);

    /** Types that a field may be declared as although no object has them. */
    private static final Set<Class<?>> INTERFACES =
            Set.of(
                    Object.class,
                    Comparable.class,
                    CharSequence.class,
                    Number.class,
                    Enum.class,
                    Record.class,
                    Iterable.class,
                    Collection.class,
                    SequencedCollection.class,
                    List.class,
                    Set.class,
                    SequencedSet.class,
                    SortedSet.class,
                    NavigableSet.class,
                    Queue.class,
                    Deque.class,
                    Map.class,
                    SequencedMap.class,
                    SortedMap.class,
                    NavigableMap.class,
                    Savable.class);

    private static final Map<String, Class<?>> COMPONENTS = new HashMap<>();

    static {
        for (TypeKind kind : TypeKind.values()) {
            Class<?> type = kind.builtinClass();
            if (type != null && !type.isInterface() && type != EnumSet.class) {
                KINDS.put(type, kind);
            }
            if (type != null) {
                COMPONENTS.put(type.getTypeName(), type);
            }
        }
        KINDS.put(List.of().getClass(), TypeKind.IMMUTABLE_LIST);
        KINDS.put(List.of(1).getClass(), TypeKind.IMMUTABLE_LIST);
        KINDS.put(Set.of().getClass(), TypeKind.IMMUTABLE_SET);
        KINDS.put(Set.of(1).getClass(), TypeKind.IMMUTABLE_SET);
        KINDS.put(Map.of().getClass(), TypeKind.IMMUTABLE_MAP);
        KINDS.put(Map.of(1, 1).getClass(), TypeKind.IMMUTABLE_MAP);
        for (Class<?> type : BOXES) {
            COMPONENTS.put(type.getTypeName(), type);
        }
        for (Class<?> type : INTERFACES) {
            COMPONENTS.put(type.getTypeName(), type);
        }
    }

    private Builtins() {}

    /** The kind of objects of a class of the JDK, or null. */
    static @Nullable TypeKind findKind(Class<?> type) {
        TypeKind kind = KINDS.get(type);
        return kind == null && EnumSet.class.isAssignableFrom(type) ? TypeKind.ENUM_SET : kind;
    }

    static boolean isBox(Class<?> type) {
        return BOXES.contains(type);
    }

    /** True for types of the JDK that a saved field may be declared as. */
    static boolean mayBeDeclared(Class<?> type) {
        return INTERFACES.contains(type) || BOXES.contains(type) || findKind(type) != null;
    }

    static @Nullable String findComponentName(Class<?> type) {
        return COMPONENTS.containsKey(type.getTypeName()) ? type.getTypeName() : null;
    }

    static @Nullable Class<?> findComponentClass(String name) {
        return COMPONENTS.get(name);
    }
}
