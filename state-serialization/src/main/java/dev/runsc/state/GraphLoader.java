package dev.runsc.state;

import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.io.Input;
import dev.runsc.state.internal.Block;
import dev.runsc.state.internal.FieldKind;
import dev.runsc.state.internal.FieldSlot;
import dev.runsc.state.internal.FormatException;
import dev.runsc.state.internal.Image;
import dev.runsc.state.internal.Stage;
import dev.runsc.state.internal.TypeKind;
import dev.runsc.state.internal.Wire;
import dev.runsc.state.internal.WireType;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Array;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One load: makes every object in id order, values complete and others empty; fills fields and
 * lists; fills sets and maps; runs the hooks. The bytes are hostile: every count is held against
 * the bytes that are there before anything is allocated for it.
 */
final class GraphLoader {
    private final KeyRules keyRules;
    private final Image.Directory directory;
    private final List<Block> blocks;
    private final LoadedType[] types;
    private final Object[] objects;
    private final int[] typeOf;
    private final List<AfterRestore> hooks = new ArrayList<>();

    /** Ids below are made, so references to them may be read. */
    private int made;

    /** Bytes that the contents of the objects made so far take at least, per stream. */
    private final long[] promised = new long[Stage.values().length];

    GraphLoader(StateSchema schema, InputStream source) throws StateException, IOException {
        keyRules = new KeyRules(schema);
        try {
            byte[] prefix = Image.readPrefix(source);
            int length = Image.directoryLength(prefix);
            directory = Image.parseDirectory(prefix, Image.readFully(source, length));
            types = new LoadedType[directory.types().size()];
            for (int i = 0; i < types.length; i++) {
                types[i] = LoadedType.of(directory.types().get(i), schema);
            }
            blocks = new ArrayList<>(directory.blocks().size());
            for (Image.BlockInfo info : directory.blocks()) {
                blocks.add(info.withBytes(Image.readFully(source, info.length())));
            }
        } catch (FormatException malformed) {
            throw new StateException(malformed.reason());
        }
        // each object takes at least one of the bytes that have just been read
        objects = new Object[directory.objectCount()];
        typeOf = new int[directory.objectCount()];
    }

    /**
     * @param awake which hooks run
     */
    <T> T load(Class<T> rootType, RestoreContext context, Predicate<AfterRestore> awake)
            throws StateException {
        make();
        fill(Stage.FIELDS);
        fill(Stage.ENTRIES);
        Object root = objects[directory.rootId()];
        if (!rootType.isInstance(root)) {
            throw new StateException(
                    "the root of the image is a "
                            + types[typeOf[directory.rootId()]].wire.name()
                            + ", not a "
                            + rootType.getName());
        }
        hooks.removeIf(awake.negate());
        runHooks(context);
        return rootType.cast(root);
    }

    // pass one

    private void make() throws StateException {
        for (Block block : blocks) {
            if (block.stage() == Stage.OBJECTS) {
                Input in = new Input(block.bytes());
                for (int i = 0; i < block.count(); i++) {
                    try {
                        makeOne(in);
                    } catch (FormatException | StackOverflowError | RuntimeException thrown) {
                        throw damaged(made, thrown);
                    }
                }
                checkEnd(in);
            }
        }
        for (Stage stage : Stage.values()) {
            if (stage != Stage.OBJECTS && promised[stage.ordinal()] > directory.bytesOf(stage)) {
                throw new StateException("damaged image: contents of objects are missing");
            }
        }
    }

    private void makeOne(Input in) throws FormatException, StateException {
        int index = Wire.readCount(in, types.length - 1);
        typeOf[made] = index;
        LoadedType type = types[index];
        Object object = type.kind.isValue() ? makeValue(in, type) : makeNode(in, type);
        objects[made] = object;
        made++;
        if (type.afterRestore) {
            hooks.add((AfterRestore) object);
        }
    }

    private Object makeNode(Input in, LoadedType type) throws FormatException {
        promise(type.kind.stage(), type.minimumBytes);
        return switch (type.kind) {
            case CLASS -> type.requireShape().newInstance();
            case OBJECT_ARRAY -> {
                int length = Wire.readCount(in, Integer.MAX_VALUE - 8);
                promise(Stage.FIELDS, length);
                Class<?> component = type.component;
                if (component == null) {
                    throw new IllegalStateException(type.wire.name());
                }
                yield Array.newInstance(component, length);
            }
            case ATOMIC_REFERENCE -> new AtomicReference<@Nullable Object>();
            case ARRAY_LIST -> new ArrayList<@Nullable Object>(0);
            case ARRAY_DEQUE -> new ArrayDeque<Object>(0);
            case HASH_SET -> new HashSet<@Nullable Object>();
            case LINKED_HASH_SET -> new LinkedHashSet<@Nullable Object>();
            case TREE_SET -> new TreeSet<Object>();
            case HASH_MAP -> new HashMap<@Nullable Object, @Nullable Object>();
            case LINKED_HASH_MAP -> new LinkedHashMap<@Nullable Object, @Nullable Object>();
            case TREE_MAP -> new TreeMap<Object, @Nullable Object>();
            case IDENTITY_MAP -> new IdentityHashMap<@Nullable Object, @Nullable Object>();
            case ENUM_MAP -> newEnumMap(readEnumType(in));
            default -> throw new IllegalStateException(type.wire.name());
        };
    }

    /** Notes that an object's contents must be there, before memory is taken for them. */
    private void promise(Stage stage, int bytes) throws FormatException {
        int at = stage.ordinal();
        promised[at] += bytes;
        if (promised[at] > directory.bytesOf(stage)) {
            throw new FormatException("its contents of " + bytes + " bytes or more are missing");
        }
    }

    private LoadedType readEnumType(Input in) throws FormatException {
        LoadedType type = types[Wire.readCount(in, types.length - 1)];
        if (type.kind != TypeKind.ENUM) {
            throw new FormatException(type.wire.name() + " is no enum");
        }
        return type;
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // the entry is one of an enum
    private static Object newEnumMap(LoadedType type) {
        return new EnumMap(type.requireEntry().type());
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // the entry is one of an enum
    private Object readEnumSet(Input in) throws FormatException, StateException {
        LoadedType type = readEnumType(in);
        EnumSet set = EnumSet.noneOf((Class) type.requireEntry().type());
        int count = Wire.readCountOf(in, 1);
        for (int i = 0; i < count; i++) {
            set.add(type.constant(in.readVarInt(true)));
        }
        return set;
    }

    private Object makeValue(Input in, LoadedType type) throws FormatException, StateException {
        return switch (type.kind) {
            case STRING -> Wire.readText(in);
            case RECORD -> readRecord(in, type);
            case ENUM -> type.constant(in.readVarInt(true));
            case ADAPTED -> readAdapted(in, type);
            case IMMUTABLE_LIST -> immutableList(readReferences(in, 1));
            case IMMUTABLE_SET -> {
                @Nullable Object[] elements = readReferences(in, 1);
                checkKeys(elements, 1);
                yield Set.of(nonNull(elements));
            }
            case IMMUTABLE_MAP -> {
                @Nullable Object[] pairs = readReferences(in, 2);
                checkKeys(pairs, 2);
                yield immutableMap(nonNull(pairs));
            }
            case BIT_SET -> BitSet.valueOf(Wire.readLongs(in));
            case ENUM_SET -> readEnumSet(in);
            case ATOMIC_BOOLEAN -> new AtomicBoolean(Wire.readBoolean(in));
            case ATOMIC_INTEGER -> new AtomicInteger(in.readVarInt(false));
            case ATOMIC_LONG -> new AtomicLong(in.readVarLong(false));
            default -> Wire.readArray(in, type.kind);
        };
    }

    private @Nullable Object[] readReferences(Input in, int perElement) throws FormatException {
        int count = Wire.readCountOf(in, perElement);
        @Nullable Object[] references = new @Nullable Object[count * perElement];
        for (int i = 0; i < references.length; i++) {
            references[i] = readReference(in);
        }
        return references;
    }

    private static Object[] nonNull(@Nullable Object[] values) throws FormatException {
        for (Object value : values) {
            if (value == null) {
                throw new FormatException("null in an immutable set or map");
            }
        }
        return values;
    }

    private static List<?> immutableList(@Nullable Object[] elements) {
        for (Object element : elements) {
            if (element == null) {
                // List.of takes no null, but the lists that streams give do
                return Arrays.stream(elements).toList();
            }
        }
        return List.of(elements);
    }

    private static Map<?, ?> immutableMap(Object[] pairs) {
        Map.Entry<?, ?>[] entries = new Map.Entry<?, ?>[pairs.length / 2];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = Map.entry(pairs[2 * i], pairs[2 * i + 1]);
        }
        return Map.ofEntries(entries);
    }

    private void checkKeys(@Nullable Object[] keys, int step) throws StateException {
        for (int i = 0; i < keys.length; i += step) {
            checkKey(keys[i]);
        }
    }

    private void checkKey(@Nullable Object key) throws StateException {
        @Nullable String objection = keyRules.findObjection(key);
        if (objection != null) {
            throw new StateException("damaged image: " + objection);
        }
    }

    private Object readRecord(Input in, LoadedType type) throws FormatException, StateException {
        @Nullable Object[] components = type.defaultComponents();
        if (type.upgraded) {
            Map<String, @Nullable Object> values = upgrade(type, readNamed(in, type));
            FieldSlot[] slots = type.requireShape().slots();
            components = type.defaultComponents();
            for (int i = 0; i < slots.length; i++) {
                if (values.containsKey(slots[i].name())) {
                    components[i] = values.remove(slots[i].name());
                } else {
                    type.checkMayMiss(slots[i]);
                }
            }
            checkNoneLeft(type, values);
        } else {
            FieldSlot[] slots = type.slots;
            for (int i = 0; i < slots.length; i++) {
                FieldKind kind = slots[i].kind();
                components[type.places[i]] =
                        kind == FieldKind.REFERENCE
                                ? readReference(in)
                                : Wire.readPrimitive(in, kind);
            }
        }
        return type.requireShape().newRecord(components);
    }

    private Object readAdapted(Input in, LoadedType type) throws FormatException, StateException {
        @Nullable Object value = readReference(in);
        if (type.upgraded) {
            Map<String, @Nullable Object> values = new LinkedHashMap<>();
            values.put(FieldValues.ADAPTED_VALUE, value);
            values = upgrade(type, values);
            value = values.remove(FieldValues.ADAPTED_VALUE);
            checkNoneLeft(type, values);
        }
        TypeEntry entry = type.requireEntry();
        Object object = entry.adapter().fromValue(value);
        if (!entry.type().isInstance(object)) {
            throw new StateException("the adapter of " + entry.name() + " gave another type");
        }
        return object;
    }

    // pass two

    private void fill(Stage stage) throws StateException {
        int id = 0;
        for (Block block : blocks) {
            if (block.stage() != stage) {
                continue;
            }
            Input in = new Input(block.bytes());
            for (int i = 0; i < block.count(); i++) {
                while (id < objects.length && types[typeOf[id]].kind.stage() != stage) {
                    id++;
                }
                if (id >= objects.length || i == 0 && id != block.firstId()) {
                    throw new StateException("damaged image: contents without their object");
                }
                try {
                    fillOne(in, objects[id], types[typeOf[id]]);
                } catch (FormatException | StackOverflowError | RuntimeException thrown) {
                    throw damaged(id, thrown);
                }
                id++;
            }
            checkEnd(in);
        }
        while (id < objects.length) {
            if (types[typeOf[id]].kind.stage() == stage) {
                throw new StateException("damaged image: objects without their contents");
            }
            id++;
        }
    }

    @SuppressWarnings("unchecked") // objects made by this class, of the kind they have
    private void fillOne(Input in, Object object, LoadedType type)
            throws FormatException, StateException {
        switch (type.kind) {
            case CLASS -> fillFields(in, object, type);
            case OBJECT_ARRAY -> {
                @Nullable Object[] array = (@Nullable Object[]) object;
                for (int i = 0; i < array.length; i++) {
                    array[i] = readReference(in);
                }
            }
            case ATOMIC_REFERENCE ->
                    ((AtomicReference<@Nullable Object>) object).set(readReference(in));
            case ARRAY_LIST -> {
                int count = Wire.readCountOf(in, 1);
                ArrayList<@Nullable Object> list = (ArrayList<@Nullable Object>) object;
                list.ensureCapacity(count);
                for (int i = 0; i < count; i++) {
                    list.add(readReference(in));
                }
            }
            case ARRAY_DEQUE -> fillCollection(in, (Collection<@Nullable Object>) object, false);
            case HASH_SET, LINKED_HASH_SET ->
                    fillCollection(in, (Collection<@Nullable Object>) object, true);
            case TREE_SET -> fillCollection(in, (Collection<@Nullable Object>) object, false);
            case HASH_MAP, LINKED_HASH_MAP ->
                    fillMap(in, (Map<@Nullable Object, @Nullable Object>) object, true);
            default -> fillMap(in, (Map<@Nullable Object, @Nullable Object>) object, false);
        }
    }

    private void fillFields(Input in, Object object, LoadedType type)
            throws FormatException, StateException {
        if (type.upgraded) {
            fillUpgraded(in, object, type);
            return;
        }
        for (FieldSlot slot : type.slots) {
            if (slot.kind() == FieldKind.REFERENCE) {
                slot.set(object, readReference(in));
            } else {
                slot.readPrimitive(object, in);
            }
        }
    }

    private void fillCollection(Input in, Collection<@Nullable Object> target, boolean hashed)
            throws FormatException, StateException {
        int count = Wire.readCountOf(in, 1);
        for (int i = 0; i < count; i++) {
            @Nullable Object element = readReference(in);
            if (hashed) {
                checkKey(element);
            }
            target.add(element);
        }
        if (target.size() != count) {
            throw new FormatException("an element of a set is there twice");
        }
    }

    private void fillMap(Input in, Map<@Nullable Object, @Nullable Object> target, boolean hashed)
            throws FormatException, StateException {
        int count = Wire.readCountOf(in, 2);
        for (int i = 0; i < count; i++) {
            @Nullable Object key = readReference(in);
            if (hashed) {
                checkKey(key);
            }
            target.put(key, readReference(in));
        }
        if (target.size() != count) {
            throw new FormatException("a key of a map is there twice");
        }
    }

    // old versions

    private Map<String, @Nullable Object> readNamed(Input in, LoadedType type)
            throws FormatException {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (WireType.WireField field : type.wire.fields()) {
            values.put(
                    field.name(),
                    field.kind() == FieldKind.REFERENCE
                            ? readReference(in)
                            : Wire.readPrimitive(in, field.kind()));
        }
        return values;
    }

    private static Map<String, @Nullable Object> upgrade(
            LoadedType type, Map<String, @Nullable Object> values) throws StateException {
        FieldValues view = new FieldValues(type.requireEntry().name(), values);
        for (Upgrade step : type.requireEntry().upgradesFrom(type.wire.version()).values()) {
            step.apply(view);
        }
        return values;
    }

    private void fillUpgraded(Input in, Object object, LoadedType type)
            throws FormatException, StateException {
        Map<String, @Nullable Object> values = upgrade(type, readNamed(in, type));
        for (FieldSlot slot : type.requireShape().slots()) {
            if (values.containsKey(slot.name())) {
                slot.setBoxed(object, values.remove(slot.name()));
            } else {
                type.checkMayMiss(slot);
            }
        }
        checkNoneLeft(type, values);
    }

    private static void checkNoneLeft(LoadedType type, Map<String, @Nullable Object> values)
            throws StateException {
        if (!values.isEmpty()) {
            throw new StateException(
                    type.describe()
                            + " has fields "
                            + values.keySet()
                            + " after its upgrade, which this program does not have");
        }
    }

    // shared

    private @Nullable Object readReference(Input in) throws FormatException {
        int mark = in.readVarInt(true);
        if (mark >= Wire.FIRST_ID) {
            int id = mark - Wire.FIRST_ID;
            if (id >= made) {
                throw new FormatException("a reference to object " + id + " of " + made);
            }
            return objects[id];
        }
        if (mark == Wire.NULL) {
            return null;
        }
        if (mark != Wire.BOX) {
            throw new FormatException("a negative reference");
        }
        return Wire.readBox(in);
    }

    private static void checkEnd(Input in) throws StateException {
        if (Wire.remaining(in) != 0) {
            throw new StateException(
                    "damaged image: " + Wire.remaining(in) + " bytes left over in a block");
        }
    }

    private StateException damaged(int id, Throwable thrown) {
        String type = id < made || typeOf[id] < types.length ? types[typeOf[id]].wire.name() : "?";
        String reason =
                thrown instanceof FormatException malformed
                        ? malformed.reason()
                        : thrown instanceof KryoException
                                ? "its data ends early"
                                : thrown.toString();
        return new StateException(
                Offenders.oneLine("damaged image: object " + id + " (" + type + "): " + reason),
                thrown);
    }

    private void runHooks(RestoreContext context) throws RestoreException {
        if (hooks.isEmpty()) {
            return;
        }
        record Ordered(int order, AfterRestore hook) {}
        List<Ordered> ordered = new ArrayList<>(hooks.size());
        for (AfterRestore hook : hooks) {
            ordered.add(new Ordered(hook.restoreOrder(), hook));
        }
        // the sort is stable, so equal numbers stay in id order
        ordered.sort(Comparator.comparingInt(Ordered::order));
        for (Ordered next : ordered) {
            try {
                next.hook.afterRestore(context);
            } catch (RuntimeException thrown) {
                throw new RestoreException(
                        Offenders.oneLine(
                                "restoring a "
                                        + next.hook.getClass().getName()
                                        + " failed: "
                                        + thrown),
                        thrown);
            }
        }
    }
}
