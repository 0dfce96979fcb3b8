package dev.runsc.state;

import dev.runsc.state.internal.TypeKind;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The closed list of types that may occur in a graph: stable name, version, class. The name is what
 * images hold, so a class may be renamed or moved. Immutable and safe for use by several threads.
 *
 * <p>Built in, beside primitives and boxed primitives: String, arrays, ArrayList, ArrayDeque,
 * HashMap, LinkedHashMap (in insertion order), TreeMap and TreeSet (in natural order), HashSet,
 * LinkedHashSet, IdentityHashMap, EnumMap, EnumSet, BitSet, AtomicBoolean, AtomicInteger,
 * AtomicLong, AtomicReference, and the unmodifiable collections that List.of, Set.of, Map.of,
 * copyOf and Stream.toList give. Keys and elements of hash tables are strings, boxed primitives,
 * enum constants, adapted objects, records made of such, or objects that are equal only to
 * themselves.
 *
 * <p><b>Versions.</b> A change of a type's saved fields asks for a higher version. An image that
 * holds a type in the version registered must have exactly its fields. If it holds an older
 * version, the {@link Upgrade} steps registered for that version and those between run in order;
 * then a field that the class lacks is an error, and a field that the image lacks stays zero unless
 * it is marked {@link Required}. An image with a newer version is refused.
 */
public final class StateSchema {
    private final Map<String, TypeEntry> byName;
    private final Map<Class<?>, TypeEntry> byClass;
    private final Map<String, Class<?>> namedAbstract;
    private final Map<Class<?>, String> abstractNames;
    private final Map<String, String> aliases;

    private StateSchema(Builder builder) {
        byName = new TreeMap<>(builder.byName);
        byClass = new IdentityHashMap<>(builder.byClass);
        namedAbstract = new TreeMap<>(builder.namedAbstract);
        abstractNames = new IdentityHashMap<>(builder.abstractNames);
        aliases = Map.copyOf(builder.aliases);
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * All registered types with their fields, as text for a golden file: one line per type (kind,
     * name, version) in name order, below it one line per field (name, declared type) or constant.
     *
     * @throws StateException when a type cannot be saved as it is declared
     */
    public String describe() throws StateException {
        return SchemaText.of(this);
    }

    /**
     * Follows declared field types from {@code root}: through registered types, their superclasses,
     * type arguments and array components; for an interface or abstract class through all
     * registered types that implement it. What a field of type Object or Comparable holds is known
     * only at save.
     *
     * @return one line for every place where a type is reached that is neither registered nor built
     *     in, or that cannot be saved as declared; empty when all is well
     */
    public List<String> verifyReachable(Class<?> root) {
        return new Reachability(this).problemsFrom(root);
    }

    /**
     * Works out ahead of time what loads need to know about the registered types. May run in a
     * thread of its own while a restore waits for other things; a load may begin meanwhile.
     *
     * @throws StateException when a type cannot be saved as it is declared
     */
    public void prepareToLoad() throws StateException {
        for (TypeEntry entry : byName.values()) {
            if (entry.kind().hasFields()) {
                entry.shape().prepareToLoad();
            }
        }
    }

    /** Registered types in name order. */
    Collection<TypeEntry> entries() {
        return byName.values();
    }

    @Nullable TypeEntry find(Class<?> type) {
        return byClass.get(type);
    }

    /** The entry with this name or former name. */
    @Nullable TypeEntry find(String name) {
        return byName.get(aliases.getOrDefault(name, name));
    }

    /** Abstract types with names of their own. */
    Map<String, Class<?>> abstractTypes() {
        return namedAbstract;
    }

    /** The name of a type as array component, or null when it has none. */
    @Nullable String findComponentName(Class<?> type) {
        @Nullable String builtin = Builtins.findComponentName(type);
        if (builtin != null) {
            return builtin;
        }
        if (type.isArray()) {
            @Nullable String inner = findComponentName(type.getComponentType());
            return inner == null ? null : inner + "[]";
        }
        TypeEntry entry = byClass.get(type);
        if (entry != null) {
            return entry.name();
        }
        return abstractNames.get(type);
    }

    /** The class that {@link #findComponentName} names so, or null. */
    @Nullable Class<?> findComponentClass(String name) {
        @Nullable Class<?> builtin = Builtins.findComponentClass(name);
        if (builtin != null) {
            return builtin;
        }
        if (name.endsWith("[]")) {
            @Nullable Class<?> inner = findComponentClass(name.substring(0, name.length() - 2));
            return inner == null ? null : inner.arrayType();
        }
        TypeEntry entry = find(name);
        if (entry != null) {
            return entry.type();
        }
        return namedAbstract.get(aliases.getOrDefault(name, name));
    }

    /**
     * Collects the types of a schema. Mistakes are IllegalArgumentExceptions that name the type.
     */
    public static final class Builder {
        private static final int MAX_NAME_CHARS = 200;

        private final Map<String, TypeEntry> byName = new HashMap<>();
        private final Map<Class<?>, TypeEntry> byClass = new HashMap<>();
        private final Map<String, Class<?>> namedAbstract = new HashMap<>();
        private final Map<Class<?>, String> abstractNames = new HashMap<>();
        private final Map<String, String> aliases = new HashMap<>();

        private Builder() {}

        /**
         * Registers a savable class, a savable record, or an enum.
         *
         * @param name stable name, for example {@code task.Task}; letters, digits, dots, dashes
         * @param version from 1, raised whenever the saved fields change
         */
        public Builder type(String name, int version, Class<?> type) {
            TypeKind kind =
                    type.isEnum()
                            ? TypeKind.ENUM
                            : type.isRecord() ? TypeKind.RECORD : TypeKind.CLASS;
            if (kind != TypeKind.ENUM && !Savable.class.isAssignableFrom(type)) {
                throw new IllegalArgumentException(type.getName() + " does not implement Savable");
            }
            if (type.isInterface()
                    || kind == TypeKind.CLASS && Modifier.isAbstract(type.getModifiers())) {
                throw new IllegalArgumentException(
                        type.getName() + " is abstract: register the classes that implement it");
            }
            return add(new TypeEntry(kind, name, version, type, null));
        }

        /** Registers a class whose objects are written as a value and rebuilt from it. */
        @SuppressWarnings("unchecked") // the adapter gets objects of exactly that class
        public <T> Builder adapter(
                String name, int version, Class<T> type, ValueAdapter<T> adapter) {
            if (type.isEnum() || type.isArray() || type.isPrimitive() || type.isInterface()) {
                throw new IllegalArgumentException(type.getName() + " cannot have an adapter");
            }
            return add(
                    new TypeEntry(
                            TypeKind.ADAPTED, name, version, type, (ValueAdapter<Object>) adapter));
        }

        /**
         * Names an interface or abstract class so that arrays of it can be saved. Fields of such a
         * type need no name.
         */
        public Builder abstractType(String name, Class<?> type) {
            checkName(name);
            if (!Modifier.isAbstract(type.getModifiers()) || type.isPrimitive() || type.isArray()) {
                throw new IllegalArgumentException(type.getName() + " is not abstract");
            }
            if (abstractNames.putIfAbsent(type, name) != null) {
                throw new IllegalArgumentException("registered twice: " + type.getName());
            }
            namedAbstract.put(name, type);
            return this;
        }

        /** Lets images that call a registered type by a former name load. */
        public Builder formerName(String formerName, String name) {
            checkName(formerName);
            aliases.put(formerName, name);
            return this;
        }

        /** Registers the step from {@code fromVersion} to the next version of a registered type. */
        public Builder upgrade(String name, int fromVersion, Upgrade step) {
            TypeEntry entry = byName.get(name);
            if (entry == null) {
                throw new IllegalArgumentException("upgrade of unregistered type " + name);
            }
            if (entry.kind() == TypeKind.ENUM) {
                throw new IllegalArgumentException("an enum has no fields to upgrade: " + name);
            }
            if (fromVersion < 1 || fromVersion >= entry.version()) {
                throw new IllegalArgumentException(
                        name
                                + " is at version "
                                + entry.version()
                                + ", no upgrade from "
                                + fromVersion);
            }
            if (!entry.addUpgrade(fromVersion, step)) {
                throw new IllegalArgumentException(
                        "two upgrades of " + name + " from version " + fromVersion);
            }
            return this;
        }

        public StateSchema build() {
            for (Map.Entry<String, String> alias : aliases.entrySet()) {
                if (byName.containsKey(alias.getKey())
                        || !byName.containsKey(alias.getValue())
                                && !namedAbstract.containsKey(alias.getValue())) {
                    throw new IllegalArgumentException(
                            "former name "
                                    + alias.getKey()
                                    + " of "
                                    + alias.getValue()
                                    + ": the first must be free, the second registered");
                }
            }
            return new StateSchema(this);
        }

        private Builder add(TypeEntry entry) {
            checkName(entry.name());
            if (entry.version() < 1) {
                throw new IllegalArgumentException("version below 1: " + entry.name());
            }
            if (entry.type().isHidden() || Builtins.findKind(entry.type()) != null) {
                throw new IllegalArgumentException(
                        entry.type().getName() + " is built in or hidden");
            }
            if (byClass.putIfAbsent(entry.type(), entry) != null) {
                throw new IllegalArgumentException("registered twice: " + entry.type().getName());
            }
            byName.put(entry.name(), entry);
            return this;
        }

        private void checkName(String name) {
            if (!isWellFormed(name)
                    || name.startsWith("java.")
                    || Builtins.findComponentClass(name) != null) {
                throw new IllegalArgumentException("not a name for a type: '" + name + "'");
            }
            if (byName.containsKey(name) || namedAbstract.containsKey(name)) {
                throw new IllegalArgumentException("name used twice: " + name);
            }
        }

        private static boolean isWellFormed(String name) {
            for (int i = 0; i < name.length(); i++) {
                char c = name.charAt(i);
                boolean letter =
                        c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
                if (!letter && (i == 0 || "._$-".indexOf(c) < 0)) {
                    return false;
                }
            }
            return !name.isEmpty() && name.length() <= MAX_NAME_CHARS;
        }
    }
}
