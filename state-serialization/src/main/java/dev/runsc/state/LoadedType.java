package dev.runsc.state;

import dev.runsc.state.internal.FieldKind;
import dev.runsc.state.internal.FieldSlot;
import dev.runsc.state.internal.TypeKind;
import dev.runsc.state.internal.WireType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A type of an image joined with the registered type that it becomes. */
final class LoadedType {
    private static final FieldSlot[] NO_SLOTS = {};
    private static final int[] NO_PLACES = {};
    private static final Object[] NO_CONSTANTS = {};
    private static final int MAX_DIMENSIONS = 8;

    final WireType wire;
    final TypeKind kind;
    final @Nullable TypeEntry entry;
    final @Nullable Shape shape;

    /** Fields in the order of the image; used unless {@link #upgraded}. */
    final FieldSlot[] slots;

    /** For records: place of each field of the image among the components. */
    final int[] places;

    /** Constants in the order of the image; null where the enum has none of that name. */
    final @Nullable Object[] constants;

    /** For arrays of references. */
    final @Nullable Class<?> component;

    /** True when upgrade steps decide which fields an object gets. */
    final boolean upgraded;

    final boolean afterRestore;
    final int minimumBytes;

    private LoadedType(WireType wire, @Nullable TypeEntry entry, @Nullable Class<?> component)
            throws StateException {
        this.wire = wire;
        this.kind = wire.kind();
        this.entry = entry;
        this.component = component;
        this.minimumBytes = wire.minimumBytes();
        this.upgraded = entry != null && !entry.upgradesFrom(wire.version()).isEmpty();
        this.shape = entry != null && kind.hasFields() ? entry.shape() : null;
        this.afterRestore = shape != null && shape.afterRestore();
        if (shape != null && !upgraded) {
            slots = match(shape);
            places = kind == TypeKind.RECORD ? places(shape) : NO_PLACES;
        } else {
            slots = NO_SLOTS;
            places = NO_PLACES;
        }
        constants = kind == TypeKind.ENUM && entry != null ? constants(entry) : NO_CONSTANTS;
    }

    static LoadedType of(WireType wire, StateSchema schema) throws StateException {
        if (wire.kind().builtinName() != null) {
            return new LoadedType(wire, null, null);
        }
        if (wire.kind() == TypeKind.OBJECT_ARRAY) {
            return new LoadedType(wire, null, componentOf(wire.name(), schema));
        }
        TypeEntry entry = schema.find(wire.name());
        if (entry == null) {
            throw new StateException(
                    "the image holds objects of type "
                            + wire.name()
                            + ", which this program does not know");
        }
        if (entry.kind() != wire.kind()) {
            throw new StateException(
                    "type "
                            + wire.name()
                            + " is of kind "
                            + wire.kind()
                            + " in the image and "
                            + entry.kind()
                            + " in this program");
        }
        if (wire.version() > entry.version() || wire.version() < 1) {
            throw new StateException(
                    "type "
                            + wire.name()
                            + " has version "
                            + wire.version()
                            + " in the image; this program knows versions up to "
                            + entry.version());
        }
        return new LoadedType(wire, entry, null);
    }

    private static Class<?> componentOf(String arrayName, StateSchema schema)
            throws StateException {
        int dimensions = 0;
        int end = arrayName.length();
        while (end >= 2 && arrayName.startsWith("[]", end - 2)) {
            end -= 2;
            dimensions++;
        }
        @Nullable Class<?> component =
                dimensions < 1 || dimensions > MAX_DIMENSIONS
                        ? null
                        : schema.findComponentClass(arrayName.substring(0, arrayName.length() - 2));
        if (component == null || component.isPrimitive()) {
            throw new StateException(
                    "the image holds arrays " + arrayName + ", which this program does not know");
        }
        return component;
    }

    /** Finds the field of the class for each field of the image. */
    private FieldSlot[] match(Shape target) throws StateException {
        FieldSlot[] matched = new FieldSlot[wire.fields().size()];
        Map<String, Integer> seen = new HashMap<>();
        List<String> unknown = new ArrayList<>();
        for (int i = 0; i < matched.length; i++) {
            WireType.WireField field = wire.fields().get(i);
            if (seen.put(field.name(), i) != null) {
                throw new StateException(
                        "type " + wire.name() + " has field '" + field.name() + "' twice");
            }
            FieldSlot slot = target.find(field.name());
            if (slot == null) {
                unknown.add(field.name());
            } else if (slot.kind() != field.kind()) {
                throw new StateException(
                        describe()
                                + " has field '"
                                + field.name()
                                + "' as "
                                + field.kind()
                                + "; this program has it as "
                                + slot.kind()
                                + " and no upgrade");
            } else {
                matched[i] = slot;
            }
        }
        if (!unknown.isEmpty()) {
            throw new StateException(
                    describe()
                            + " has fields "
                            + unknown
                            + ", which this program does not have, and there is no upgrade");
        }
        for (FieldSlot slot : target.slots()) {
            if (!seen.containsKey(slot.name())) {
                checkMayMiss(slot);
            }
        }
        return matched;
    }

    /** Decides whether a field may be absent from the image. */
    void checkMayMiss(FieldSlot slot) throws StateException {
        if (entry != null && entry.version() == wire.version()) {
            throw new StateException(
                    describe()
                            + " lacks field '"
                            + slot.name()
                            + "': the class was changed without a new version");
        }
        if (slot.field().isAnnotationPresent(Required.class)) {
            throw new StateException(
                    describe() + " lacks the required field '" + slot.name() + "'");
        }
    }

    private int[] places(Shape target) {
        int[] found = new int[slots.length];
        FieldSlot[] components = target.slots();
        for (int i = 0; i < slots.length; i++) {
            for (int j = 0; j < components.length; j++) {
                if (components[j] == slots[i]) {
                    found[i] = j;
                }
            }
        }
        return found;
    }

    private @Nullable Object[] constants(TypeEntry enumEntry) {
        Map<String, Object> byName = new HashMap<>();
        for (Object constant : enumEntry.type().getEnumConstants()) {
            byName.put(((Enum<?>) constant).name(), constant);
        }
        @Nullable Object[] found = new @Nullable Object[wire.constants().size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = byName.get(wire.constants().get(i));
        }
        return found;
    }

    /** The constant at a place of the image's list. */
    Object constant(int index) throws StateException {
        if (index < 0 || index >= constants.length) {
            throw new StateException(
                    "damaged image: constant " + index + " of enum " + wire.name());
        }
        Object constant = constants[index];
        if (constant == null) {
            throw new StateException(
                    "enum "
                            + wire.name()
                            + " has no constant "
                            + wire.constants().get(index)
                            + " in this program");
        }
        return constant;
    }

    TypeEntry requireEntry() {
        if (entry == null) {
            throw new IllegalStateException(wire.name());
        }
        return entry;
    }

    Shape requireShape() {
        if (shape == null) {
            throw new IllegalStateException(wire.name());
        }
        return shape;
    }

    /** Components that a record gets when the image lacks them: zero of their kind. */
    @Nullable Object[] defaultComponents() {
        FieldSlot[] components = requireShape().slots();
        @Nullable Object[] values = new @Nullable Object[components.length];
        if (slots.length < components.length) {
            for (int i = 0; i < components.length; i++) {
                values[i] = zero(components[i].kind());
            }
        }
        return values;
    }

    private static @Nullable Object zero(FieldKind kind) {
        return switch (kind) {
            case BOOLEAN -> false;
            case BYTE -> (byte) 0;
            case SHORT -> (short) 0;
            case CHAR -> '\0';
            case INT -> 0;
            case LONG -> 0L;
            case FLOAT -> 0f;
            case DOUBLE -> 0d;
            case REFERENCE -> null;
        };
    }

    String describe() {
        return "type " + wire.name() + " version " + wire.version() + " of the image";
    }
}
