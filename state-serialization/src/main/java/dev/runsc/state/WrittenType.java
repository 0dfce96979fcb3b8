package dev.runsc.state;

import dev.runsc.state.internal.FieldKind;
import dev.runsc.state.internal.FieldSlot;
import dev.runsc.state.internal.TypeKind;
import dev.runsc.state.internal.WireType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one save knows about one class it met. */
final class WrittenType {
    private static final FieldSlot[] NO_SLOTS = {};
    private static final int[] NO_IDS = {};

    /** Null for boxed primitives, which are no objects in an image. */
    final @Nullable TypeKind kind;

    final String name;
    final @Nullable TypeEntry entry;
    final FieldSlot[] slots;
    final int referenceCount;
    final boolean beforeSave;

    /** Ids of the constants of an enum by ordinal, or -1. */
    final int[] constantIds;

    /** Place in the type table, or -1 while it has none. */
    int index = -1;

    long count;
    long bytes;

    private WrittenType(
            @Nullable TypeKind kind, String name, @Nullable TypeEntry entry, FieldSlot[] slots) {
        this.kind = kind;
        this.name = name;
        this.entry = entry;
        this.slots = slots;
        int references = 0;
        for (FieldSlot slot : slots) {
            if (slot.kind() == FieldKind.REFERENCE) {
                references++;
            }
        }
        this.referenceCount = references;
        this.beforeSave =
                kind == TypeKind.CLASS
                        && entry != null
                        && BeforeSave.class.isAssignableFrom(entry.type());
        if (kind == TypeKind.ENUM && entry != null) {
            constantIds = new int[entry.type().getEnumConstants().length];
            Arrays.fill(constantIds, -1);
        } else {
            constantIds = NO_IDS;
        }
    }

    static WrittenType box() {
        return new WrittenType(null, "box", null, NO_SLOTS);
    }

    static WrittenType builtin(TypeKind kind, String name) {
        return new WrittenType(kind, name, null, NO_SLOTS);
    }

    static WrittenType registered(TypeEntry entry) throws StateException {
        return new WrittenType(
                entry.kind(),
                entry.name(),
                entry,
                entry.kind().hasFields() ? entry.shape().slots() : NO_SLOTS);
    }

    /** The registration of a type that is known to have one. */
    TypeEntry requireEntry() {
        if (entry == null) {
            throw new IllegalStateException(name);
        }
        return entry;
    }

    /** Values that hold references; all other values are written at once. */
    boolean isComposite() {
        return kind == TypeKind.RECORD
                || kind == TypeKind.IMMUTABLE_LIST
                || kind == TypeKind.IMMUTABLE_SET
                || kind == TypeKind.IMMUTABLE_MAP;
    }

    WireType toWire() {
        if (kind == null) {
            throw new IllegalStateException(name);
        }
        List<WireType.WireField> fields = new ArrayList<>(slots.length);
        for (FieldSlot slot : slots) {
            fields.add(new WireType.WireField(slot.name(), slot.kind()));
        }
        List<String> constants = new ArrayList<>(constantIds.length);
        if (kind == TypeKind.ENUM) {
            for (Object constant : requireEntry().type().getEnumConstants()) {
                constants.add(((Enum<?>) constant).name());
            }
        }
        return new WireType(kind, name, entry == null ? 1 : entry.version(), fields, constants);
    }
}
