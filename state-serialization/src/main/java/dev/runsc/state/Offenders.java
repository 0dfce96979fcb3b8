package dev.runsc.state;

import dev.runsc.state.internal.FieldKind;
import dev.runsc.state.internal.FieldSlot;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Words for an object that cannot be saved: why, and how it is reached from the root. */
@SuppressWarnings("ReferenceEquality") // the very object is looked for
final class Offenders {
    /** Steps of a path that are spelled out; the middle of a longer one is left out. */
    private static final int SHOWN_STEPS = 40;

    /** How deep records within records are searched for a reference. */
    private static final int MAX_NESTING = 16;

    private Offenders() {}

    /** Why objects of a class that is neither registered nor built in cannot be saved. */
    static String reason(Class<?> type) {
        String name = type.getName();
        if (name.contains("$$Lambda")) {
            return name + " is a lambda: make the callback a savable type";
        }
        if (type.isHidden()) {
            return name + " is a hidden class";
        }
        if (Thread.class.isAssignableFrom(type)) {
            return name + " is a thread: make the field transient";
        }
        if (Savable.class.isAssignableFrom(type)) {
            return name + " is savable but not registered in the schema";
        }
        return name + " is neither registered in the schema nor built in";
    }

    /** Messages are one line, whatever stands in a value. */
    static String oneLine(String message) {
        StringBuilder line = new StringBuilder(message);
        for (int i = 0; i < line.length(); i++) {
            if (Character.isISOControl(line.charAt(i))) {
                line.setCharAt(i, ' ');
            }
        }
        return line.toString();
    }

    /**
     * The fields that lead from the root to {@code offender}, which the object at {@code current}
     * refers to, or to that object itself when there is no offender.
     */
    static String path(
            Object root, GraphWriter.Node[] nodes, int current, @Nullable Object offender) {
        Deque<String> steps = new ArrayDeque<>();
        Object target = offender;
        for (int at = current; at >= 0; at = nodes[at].parent()) {
            if (target != null) {
                addStep(steps, nodes[at].object(), nodes[at].type(), target);
            }
            target = nodes[at].object();
        }
        if (target != null && target != root) {
            // the root is a value, and holds the first node or the offender itself
            addStep(steps, root, null, target);
        }
        return "root" + String.join("", steps);
    }

    private static void addStep(
            Deque<String> steps, Object from, @Nullable WrittenType type, Object to) {
        if (steps.size() < SHOWN_STEPS) {
            @Nullable String step = findStep(from, type, to, 0);
            steps.addFirst(step == null ? ".?" : step);
        } else if (steps.size() == SHOWN_STEPS) {
            steps.addFirst(" ... ");
        }
    }

    private static @Nullable String findStep(
            Object from, @Nullable WrittenType type, Object to, int depth) {
        if (depth > MAX_NESTING) {
            return null;
        }
        if (type != null && type.slots.length > 0) {
            return findField(from, type.slots, to, depth);
        }
        return switch (from) {
            case Object[] array -> findIndex(Arrays.asList(array), to, depth);
            case Collection<?> elements -> findIndex(elements, to, depth);
            case Map<?, ?> map -> findEntry(map, to, depth);
            case AtomicReference<?> reference -> findThrough(".value", reference.get(), to, depth);
            case Record record -> findComponent(record, to, depth);
            default -> null;
        };
    }

    private static @Nullable String findField(
            Object from, FieldSlot[] slots, Object to, int depth) {
        for (FieldSlot slot : slots) {
            if (slot.kind() == FieldKind.REFERENCE) {
                @Nullable String step = findThrough("." + slot.name(), slot.get(from), to, depth);
                if (step != null) {
                    return step;
                }
            }
        }
        return null;
    }

    private static @Nullable String findComponent(Record from, Object to, int depth) {
        for (var component : from.getClass().getRecordComponents()) {
            if (!component.getType().isPrimitive()) {
                try {
                    FieldSlot slot =
                            FieldSlot.of(
                                    component.getName(),
                                    from.getClass().getDeclaredField(component.getName()),
                                    FieldSlot.inside(from.getClass()));
                    @Nullable String step =
                            findThrough("." + slot.name(), slot.get(from), to, depth);
                    if (step != null) {
                        return step;
                    }
                } catch (NoSuchFieldException impossible) {
                    throw new IllegalStateException(impossible);
                }
            }
        }
        return null;
    }

    private static @Nullable String findIndex(Collection<?> elements, Object to, int depth) {
        int index = 0;
        for (Object element : elements) {
            @Nullable String step = findThrough("[" + index + "]", element, to, depth);
            if (step != null) {
                return step;
            }
            index++;
        }
        return null;
    }

    private static @Nullable String findEntry(Map<?, ?> map, Object to, int depth) {
        int index = 0;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            Object key = entry.getKey();
            boolean plain =
                    key instanceof String
                            || key instanceof Enum<?>
                            || key != null && Builtins.isBox(key.getClass());
            String label = plain ? "[" + key + "]" : "[entry " + index + "]";
            @Nullable String step = findThrough(label, entry.getValue(), to, depth);
            if (step == null) {
                step = findThrough(label + ".key", key, to, depth);
            }
            if (step != null) {
                return step;
            }
            index++;
        }
        return null;
    }

    /** {@code label} when {@code via} is the target, or a longer path through values only. */
    private static @Nullable String findThrough(
            String label, @Nullable Object via, Object to, int depth) {
        if (via == to) {
            return label;
        }
        if (via instanceof Record || via != null && isImmutable(via)) {
            @Nullable String rest = findStep(via, null, to, depth + 1);
            return rest == null ? null : label + rest;
        }
        return null;
    }

    private static boolean isImmutable(Object value) {
        var kind = Builtins.findKind(value.getClass());
        return kind != null
                && kind.isValue()
                && (value instanceof Collection<?> || value instanceof Map<?, ?>);
    }
}
