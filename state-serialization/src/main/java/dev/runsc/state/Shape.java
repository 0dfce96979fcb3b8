package dev.runsc.state;

import dev.runsc.state.internal.FieldSlot;
import dev.runsc.state.internal.TypeKind;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.objenesis.instantiator.ObjectInstantiator;
import org.objenesis.instantiator.sun.UnsafeFactoryInstantiator;

/** The saved fields of a class or record, and how to make one of it. */
final class Shape {
    private static final FieldSlot[] NO_SLOTS = {};

    private final FieldSlot[] slots;
    private final boolean afterRestore;
    private final @Nullable ObjectInstantiator<?> instantiator;
    private final @Nullable Constructor<?> constructor;

    private Shape(
            Class<?> type,
            FieldSlot[] slots,
            @Nullable ObjectInstantiator<?> instantiator,
            @Nullable Constructor<?> constructor) {
        this.slots = slots;
        this.afterRestore = AfterRestore.class.isAssignableFrom(type);
        this.instantiator = instantiator;
        this.constructor = constructor;
    }

    static Shape of(TypeEntry entry) throws StateException {
        Class<?> type = entry.type();
        return switch (entry.kind()) {
            case CLASS ->
                    new Shape(type, classSlots(type), new UnsafeFactoryInstantiator<>(type), null);
            case RECORD -> ofRecord(type);
            default -> new Shape(type, NO_SLOTS, null, null);
        };
    }

    private static Shape ofRecord(Class<?> type) throws StateException {
        RecordComponent[] components = type.getRecordComponents();
        FieldSlot[] slots = new FieldSlot[components.length];
        Class<?>[] parameters = new Class<?>[components.length];
        MethodHandles.Lookup inside = FieldSlot.inside(type);
        try {
            for (int i = 0; i < components.length; i++) {
                String name = components[i].getName();
                slots[i] = FieldSlot.of(name, type.getDeclaredField(name), inside);
                parameters[i] = components[i].getType();
            }
            Constructor<?> constructor = type.getDeclaredConstructor(parameters);
            constructor.setAccessible(true);
            return new Shape(type, slots, null, constructor);
        } catch (ReflectiveOperationException impossible) {
            throw new StateException(
                    "record " + type.getName() + " has no usable canonical constructor",
                    impossible);
        }
    }

    /** Fields of superclasses first, those of one class in name order. */
    private static FieldSlot[] classSlots(Class<?> type) throws StateException {
        Deque<Class<?>> lineage = new ArrayDeque<>();
        for (Class<?> at = type; at != Object.class; at = at.getSuperclass()) {
            if (isOfTheJdk(at)) {
                throw new StateException(
                        type.getName()
                                + " extends "
                                + at.getName()
                                + ", whose fields are not ours: register an adapter for it");
            }
            lineage.addFirst(at);
        }
        List<FieldSlot> slots = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (Class<?> at = lineage.pollLast(); at != null; at = lineage.pollLast()) {
            List<FieldSlot> own = new ArrayList<>();
            MethodHandles.Lookup inside = FieldSlot.inside(at);
            for (Field field : at.getDeclaredFields()) {
                if (isSaved(field)) {
                    // a subclass keeps the plain name when both have one
                    String name = field.getName();
                    if (!taken.add(name)) {
                        name = at.getSimpleName() + "." + name;
                        taken.add(name);
                    }
                    own.add(FieldSlot.of(name, field, inside));
                }
            }
            own.sort(Comparator.comparing(FieldSlot::name));
            slots.addAll(0, own);
        }
        return slots.toArray(NO_SLOTS);
    }

    private static boolean isOfTheJdk(Class<?> type) {
        String module = type.getModule().isNamed() ? type.getModule().getName() : "";
        return module.startsWith("java.") || module.startsWith("jdk.");
    }

    private static boolean isSaved(Field field) throws StateException {
        int modifiers = field.getModifiers();
        if (Modifier.isStatic(modifiers)) {
            return false;
        }
        String where = field.getDeclaringClass().getName() + "." + field.getName();
        if (field.isSynthetic()) {
            throw new StateException(
                    where + " is hidden: an inner class must be static to be savable");
        }
        if (Modifier.isTransient(modifiers)) {
            if (Modifier.isFinal(modifiers)) {
                throw new StateException(
                        where + " is transient and final, so nothing could set it after a restore");
            }
            return false;
        }
        return true;
    }

    /** Saved fields in the order they are written. For records: the components in order. */
    FieldSlot[] slots() {
        return slots;
    }

    @Nullable FieldSlot find(String name) {
        for (FieldSlot slot : slots) {
            if (slot.name().equals(name)) {
                return slot;
            }
        }
        return null;
    }

    /** Does ahead of time what a load would do for the first object. */
    void prepareToLoad() {
        if (constructor == null) {
            for (FieldSlot slot : slots) {
                slot.prepareToSet();
            }
        }
    }

    boolean afterRestore() {
        return afterRestore;
    }

    /** A new object of a {@link TypeKind#CLASS}, all fields zero. */
    Object newInstance() {
        if (instantiator == null) {
            throw new IllegalStateException("not a class");
        }
        return instantiator.newInstance();
    }

    /** A new object of a {@link TypeKind#RECORD}. */
    Object newRecord(@Nullable Object[] components) throws StateException {
        if (constructor == null) {
            throw new IllegalStateException("not a record");
        }
        try {
            return constructor.newInstance(components);
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof Error error
                    && !(error instanceof StackOverflowError)) {
                throw error;
            }
            throw new StateException(
                    "record "
                            + constructor.getDeclaringClass().getName()
                            + " refuses its values: "
                            + thrown.getCause(),
                    thrown.getCause());
        } catch (InstantiationException | IllegalAccessException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
