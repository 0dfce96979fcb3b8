package dev.runsc.state;

import dev.runsc.state.internal.TypeKind;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One registered type. Its shape is worked out when it is first needed. */
final class TypeEntry {
    private final TypeKind kind;
    private final String name;
    private final int version;
    private final Class<?> type;
    private final @Nullable ValueAdapter<Object> adapter;
    private final TreeMap<Integer, Upgrade> upgrades = new TreeMap<>();
    private volatile @Nullable Shape shape;

    TypeEntry(
            TypeKind kind,
            String name,
            int version,
            Class<?> type,
            @Nullable ValueAdapter<Object> adapter) {
        this.kind = kind;
        this.name = name;
        this.version = version;
        this.type = type;
        this.adapter = adapter;
    }

    TypeKind kind() {
        return kind;
    }

    String name() {
        return name;
    }

    int version() {
        return version;
    }

    Class<?> type() {
        return type;
    }

    /** The adapter of a type of kind ADAPTED. */
    ValueAdapter<Object> adapter() {
        if (adapter == null) {
            throw new IllegalStateException(name + " has no adapter");
        }
        return adapter;
    }

    boolean addUpgrade(int fromVersion, Upgrade step) {
        return upgrades.putIfAbsent(fromVersion, step) == null;
    }

    /** The steps that bring an object of {@code fromVersion} up to date, in order. */
    Map<Integer, Upgrade> upgradesFrom(int fromVersion) {
        return upgrades.tailMap(fromVersion, true);
    }

    /** Fields and means of construction of a class or record. */
    Shape shape() throws StateException {
        Shape known = shape;
        if (known == null) {
            known = Shape.of(this);
            shape = known;
        }
        return known;
    }
}
