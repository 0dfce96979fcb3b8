package dev.runsc.state;

import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.io.Output;
import dev.runsc.state.internal.Block;
import dev.runsc.state.internal.BlockWriter;
import dev.runsc.state.internal.FieldKind;
import dev.runsc.state.internal.FieldSlot;
import dev.runsc.state.internal.IdentityIds;
import dev.runsc.state.internal.Image;
import dev.runsc.state.internal.Stage;
import dev.runsc.state.internal.TypeKind;
import dev.runsc.state.internal.Wire;
import dev.runsc.state.internal.WireType;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One save. Objects that are made empty on load ("nodes") get their id when first met and wait in a
 * queue until their contents are written, so nothing recurses. Values get theirs when they are
 * written, after all that they refer to. Nothing reaches the target before all is encoded.
 */
final class GraphWriter {
    private static final int IN_PROGRESS = Wire.MAX_ID;

    private final StateSchema schema;
    private final Object root;
    private final KeyRules keyRules;
    private final Map<Class<?>, WrittenType> types = new IdentityHashMap<>();
    private final List<WrittenType> typeTable = new ArrayList<>();
    private final IdentityIds ids = new IdentityIds();
    private final Map<String, Integer> stringIds = new HashMap<>();
    private final BlockWriter objectStream = new BlockWriter(Stage.OBJECTS);
    private final BlockWriter fieldStream = new BlockWriter(Stage.FIELDS);
    private final BlockWriter entryStream = new BlockWriter(Stage.ENTRIES);
    private final ArrayList<Frame> frames = new ArrayList<>();
    private int nextId;

    // the queue, kept whole: it gives the path to an object that cannot be saved
    private Node[] nodes = new Node[64];
    private int nodeCount;
    private int current = -1;

    /** An object met and, once it is {@link #current} or before, written. */
    record Node(Object object, WrittenType type, int id, int parent) {}

    /** A value whose parts are being written before it. */
    private static final class Frame {
        final Object value;
        final WrittenType type;
        final @Nullable Object[] parts;
        int next;

        Frame(Object value, WrittenType type, @Nullable Object[] parts) {
            this.value = value;
            this.type = type;
            this.parts = parts;
        }
    }

    GraphWriter(StateSchema schema, Object root) {
        this.schema = schema;
        this.root = root;
        this.keyRules = new KeyRules(schema);
    }

    SaveStats save(OutputStream target) throws StateException, IOException {
        int rootId;
        try {
            rootId = idOf(root, rootType());
            for (current = 0; current < nodeCount; current++) {
                writeContents(nodes[current]);
            }
        } catch (KryoException | ArithmeticException | NegativeArraySizeException tooLarge) {
            throw failure("one object is larger than an image can hold", tooLarge);
        } catch (RuntimeException thrown) {
            throw failure("reading it failed: " + thrown, thrown);
        }
        List<Block> blocks = new ArrayList<>(objectStream.finish());
        blocks.addAll(fieldStream.finish());
        blocks.addAll(entryStream.finish());
        List<WireType> wireTypes = new ArrayList<>(typeTable.size());
        List<SaveStats.TypeStats> rows = new ArrayList<>(typeTable.size());
        for (WrittenType type : typeTable) {
            wireTypes.add(type.toWire());
            rows.add(new SaveStats.TypeStats(type.name, type.count, type.bytes));
        }
        long bytes = Image.write(target, nextId, rootId, wireTypes, blocks);
        rows.sort(
                Comparator.comparingLong(SaveStats.TypeStats::bytes)
                        .reversed()
                        .thenComparing(SaveStats.TypeStats::name));
        return new SaveStats(nextId, bytes, List.copyOf(rows));
    }

    private WrittenType rootType() throws StateException {
        WrittenType type = typeOf(root);
        if (type.kind == null) {
            throw new StateException("a boxed primitive cannot be the root of a graph");
        }
        return type;
    }

    // types

    private WrittenType typeOf(Object object) throws StateException {
        WrittenType type = types.get(object.getClass());
        return type != null ? type : meet(object);
    }

    private WrittenType meet(Object object) throws StateException {
        Class<?> met = object.getClass();
        WrittenType type;
        TypeKind builtin = Builtins.findKind(met);
        TypeEntry entry = schema.find(object instanceof Enum<?> e ? e.getDeclaringClass() : met);
        if (entry != null) {
            try {
                type = registeredType(entry);
            } catch (StateException misdeclared) {
                throw failure(object, String.valueOf(misdeclared.getMessage()), misdeclared);
            }
        } else if (Builtins.isBox(met)) {
            type = WrittenType.box();
        } else if (builtin != null && builtin.builtinName() != null) {
            type = builtinType(builtin, builtin.builtinName());
        } else if (met.isArray()) {
            String component = schema.findComponentName(met.getComponentType());
            if (component == null) {
                throw failure(
                        object,
                        "the component type of " + met.getTypeName() + " has no name in the schema",
                        null);
            }
            type = WrittenType.builtin(TypeKind.OBJECT_ARRAY, component + "[]");
        } else {
            throw failure(object, Offenders.reason(met), null);
        }
        types.put(met, type);
        return type;
    }

    /** One row for all classes of an enum with bodies. */
    private WrittenType registeredType(TypeEntry entry) throws StateException {
        WrittenType type = types.get(entry.type());
        if (type == null) {
            type = WrittenType.registered(entry);
            types.put(entry.type(), type);
        }
        return type;
    }

    /** One row for all classes behind one kind of immutable collection. */
    private WrittenType builtinType(TypeKind kind, String name) {
        for (WrittenType known : types.values()) {
            if (known.kind == kind) {
                return known;
            }
        }
        return WrittenType.builtin(kind, name);
    }

    private int indexOf(WrittenType type) {
        if (type.index < 0) {
            type.index = typeTable.size();
            typeTable.add(type);
        }
        return type.index;
    }

    private int enumIndexOf(Class<?> enumType, Object holder) throws StateException {
        TypeEntry entry = schema.find(enumType);
        if (entry == null) {
            throw failure(holder, Offenders.reason(enumType), null);
        }
        return indexOf(registeredType(entry));
    }

    // ids

    private void writeReference(Output out, @Nullable Object target) throws StateException {
        if (target == null) {
            out.writeByte(Wire.NULL);
            return;
        }
        WrittenType type = typeOf(target);
        if (type.kind == null) {
            out.writeByte(Wire.BOX);
            Wire.writeBox(out, target);
        } else {
            out.writeVarInt(idOf(target, type) + Wire.FIRST_ID, true);
        }
    }

    private int idOf(Object object, WrittenType type) throws StateException {
        TypeKind kind = type.kind;
        if (kind == TypeKind.STRING) {
            Integer known = stringIds.get((String) object);
            return known != null ? known : writeLeaf(object, type);
        }
        if (kind == TypeKind.ENUM) {
            int known = type.constantIds[((Enum<?>) object).ordinal()];
            return known >= 0 ? known : writeLeaf(object, type);
        }
        int known = ids.find(object);
        if (known == IN_PROGRESS) {
            throw failure(
                    object,
                    "a "
                            + type.name
                            + " contains itself through records and immutable collections only",
                    null);
        }
        if (known != IdentityIds.ABSENT) {
            return known;
        }
        if (kind != null && !kind.isValue()) {
            return addNode(object, type, kind);
        }
        return type.isComposite() ? writeComposite(object, type) : writeLeaf(object, type);
    }

    private int takeId() throws StateException {
        if (nextId == IN_PROGRESS) {
            throw new StateException("too many objects for one image");
        }
        return nextId++;
    }

    private int addNode(Object object, WrittenType type, TypeKind kind) throws StateException {
        int extra = -1;
        if (kind == TypeKind.ENUM_MAP) {
            extra = enumIndexOf(EnumTypes.keyTypeOf((EnumMap<?, ?>) object, schema), object);
        } else if (kind == TypeKind.OBJECT_ARRAY) {
            extra = ((Object[]) object).length;
        }
        int id = takeId();
        ids.put(object, id);
        objectStream.begin(id);
        objectStream.out().writeVarInt(indexOf(type), true);
        if (extra >= 0) {
            objectStream.out().writeVarInt(extra, true);
        }
        type.bytes += objectStream.end();
        type.count++;
        if (nodeCount == nodes.length) {
            nodes = Arrays.copyOf(nodes, nodeCount << 1);
        }
        nodes[nodeCount++] = new Node(object, type, id, current);
        return id;
    }

    // values

    /** Writes a value after all that it refers to, with a stack of our own. */
    private int writeComposite(Object value, WrittenType type) throws StateException {
        int base = frames.size();
        push(value, type);
        while (true) {
            Frame frame = frames.getLast();
            boolean ready = true;
            while (frame.next < frame.parts.length) {
                Object part = frame.parts[frame.next++];
                if (part == null) {
                    continue;
                }
                WrittenType partType = typeOf(part);
                if (partType.isComposite() && ids.find(part) == IdentityIds.ABSENT) {
                    push(part, partType);
                    ready = false;
                    break;
                }
                if (partType.kind != null) {
                    idOf(part, partType);
                }
            }
            if (ready) {
                int id = writeReady(frame);
                frames.removeLast();
                if (frames.size() == base) {
                    return id;
                }
            }
        }
    }

    private void push(Object value, WrittenType type) throws StateException {
        ids.put(value, IN_PROGRESS);
        @Nullable Object[] parts;
        if (type.kind == TypeKind.RECORD) {
            parts = new @Nullable Object[type.referenceCount];
            int at = 0;
            for (FieldSlot slot : type.slots) {
                if (slot.kind() == FieldKind.REFERENCE) {
                    parts[at++] = slot.get(value);
                }
            }
        } else {
            parts = Elements.of(value);
            if (type.kind == TypeKind.IMMUTABLE_SET) {
                checkKeys(value, parts, 1);
            } else if (type.kind == TypeKind.IMMUTABLE_MAP) {
                checkKeys(value, parts, 2);
            }
        }
        frames.add(new Frame(value, type, parts));
    }

    private void checkKeys(Object holder, @Nullable Object[] parts, int step)
            throws StateException {
        for (int i = 0; i < parts.length; i += step) {
            checkKey(holder, parts[i]);
        }
    }

    private void checkKey(Object holder, @Nullable Object key) throws StateException {
        @Nullable String objection = keyRules.findObjection(key);
        if (objection != null) {
            throw failure(key == null ? holder : key, objection, null);
        }
    }

    private int writeReady(Frame frame) throws StateException {
        WrittenType type = frame.type;
        int id = takeId();
        objectStream.begin(id);
        Output out = objectStream.out();
        out.writeVarInt(indexOf(type), true);
        if (type.kind == TypeKind.RECORD) {
            int at = 0;
            for (FieldSlot slot : type.slots) {
                if (slot.kind() == FieldKind.REFERENCE) {
                    writeReference(out, frame.parts[at++]);
                } else {
                    slot.writePrimitive(frame.value, out);
                }
            }
        } else {
            boolean map = type.kind == TypeKind.IMMUTABLE_MAP;
            out.writeVarInt(map ? frame.parts.length / 2 : frame.parts.length, true);
            for (Object part : frame.parts) {
                writeReference(out, part);
            }
        }
        type.bytes += objectStream.end();
        type.count++;
        ids.put(frame.value, id);
        return id;
    }

    /** Writes a value that refers to nothing but perhaps one other such value. */
    private int writeLeaf(Object value, WrittenType type) throws StateException {
        TypeKind kind = type.kind;
        @Nullable Object adapted = null;
        int enumIndex = -1;
        if (kind == TypeKind.ADAPTED) {
            adapted = adaptedValue(value, type);
        } else if (kind == TypeKind.ENUM_SET) {
            enumIndex = enumIndexOf(EnumTypes.elementTypeOf((EnumSet<?>) value), value);
        }
        int id = takeId();
        objectStream.begin(id);
        Output out = objectStream.out();
        out.writeVarInt(indexOf(type), true);
        switch (kind) {
            case STRING -> Wire.writeText(out, (String) value);
            case ENUM -> out.writeVarInt(((Enum<?>) value).ordinal(), true);
            case ADAPTED -> writeReference(out, adapted);
            case BIT_SET -> Wire.writeLongs(out, ((java.util.BitSet) value).toLongArray());
            case ENUM_SET -> {
                EnumSet<?> set = (EnumSet<?>) value;
                out.writeVarInt(enumIndex, true);
                out.writeVarInt(set.size(), true);
                for (Enum<?> constant : set) {
                    out.writeVarInt(constant.ordinal(), true);
                }
            }
            case ATOMIC_BOOLEAN -> out.writeByte(((AtomicBoolean) value).get() ? 1 : 0);
            case ATOMIC_INTEGER -> out.writeVarInt(((AtomicInteger) value).get(), false);
            case ATOMIC_LONG -> out.writeVarLong(((AtomicLong) value).get(), false);
            case null -> throw new IllegalStateException(type.name);
            default -> Wire.writeArray(out, kind, value);
        }
        type.bytes += objectStream.end();
        type.count++;
        if (kind == TypeKind.STRING) {
            stringIds.put((String) value, id);
        } else if (kind == TypeKind.ENUM) {
            type.constantIds[((Enum<?>) value).ordinal()] = id;
        } else {
            ids.put(value, id);
        }
        return id;
    }

    /** What an adapter gives, already written if it is more than a boxed primitive. */
    private @Nullable Object adaptedValue(Object value, WrittenType type) throws StateException {
        @Nullable Object adapted = type.requireEntry().adapter().toValue(value);
        if (adapted == null) {
            return null;
        }
        boolean simple =
                adapted instanceof String
                        || adapted instanceof Enum<?>
                        || Builtins.isBox(adapted.getClass())
                        || adapted.getClass().isArray()
                                && adapted.getClass().getComponentType().isPrimitive();
        if (!simple) {
            throw failure(
                    value,
                    "its adapter gives an object of "
                            + adapted.getClass().getName()
                            + ", not a plain value",
                    null);
        }
        WrittenType adaptedType = typeOf(adapted);
        if (adaptedType.kind != null) {
            idOf(adapted, adaptedType);
        }
        return adapted;
    }

    // contents of nodes

    private void writeContents(Node node) throws StateException {
        WrittenType type = node.type;
        TypeKind kind = type.kind;
        if (kind == null) {
            throw new IllegalStateException(type.name);
        }
        if (type.beforeSave) {
            ((BeforeSave) node.object).beforeSave();
        }
        BlockWriter stream = kind.stage() == Stage.FIELDS ? fieldStream : entryStream;
        stream.begin(node.id);
        Output out = stream.out();
        switch (kind) {
            case CLASS -> {
                for (FieldSlot slot : type.slots) {
                    if (slot.kind() == FieldKind.REFERENCE) {
                        writeReference(out, slot.get(node.object));
                    } else {
                        slot.writePrimitive(node.object, out);
                    }
                }
            }
            case OBJECT_ARRAY -> {
                for (Object element : (Object[]) node.object) {
                    writeReference(out, element);
                }
            }
            case ATOMIC_REFERENCE -> writeReference(out, ((AtomicReference<?>) node.object).get());
            case ARRAY_LIST, ARRAY_DEQUE -> writeElements(out, (Collection<?>) node.object, false);
            case HASH_SET, LINKED_HASH_SET -> writeElements(out, (Collection<?>) node.object, true);
            case TREE_SET -> {
                checkNaturalOrder(((SortedSet<?>) node.object).comparator());
                writeElements(out, (Collection<?>) node.object, false);
            }
            case HASH_MAP, LINKED_HASH_MAP -> writeEntries(out, (Map<?, ?>) node.object, true);
            case IDENTITY_MAP -> {
                checkIdentities((Map<?, ?>) node.object);
                writeEntries(out, (Map<?, ?>) node.object, false);
            }
            case ENUM_MAP -> writeEntries(out, (Map<?, ?>) node.object, false);
            case TREE_MAP -> {
                checkNaturalOrder(((SortedMap<?, ?>) node.object).comparator());
                writeEntries(out, (Map<?, ?>) node.object, false);
            }
            default -> throw new IllegalStateException(type.name);
        }
        type.bytes += stream.end();
    }

    private void checkNaturalOrder(@Nullable Comparator<?> comparator) throws StateException {
        if (comparator != null) {
            throw failure(
                    "it is sorted by "
                            + comparator.getClass().getName()
                            + "; only natural order can be saved",
                    null);
        }
    }

    /** Strings and boxed primitives come back as other objects, perhaps one for several. */
    private void checkIdentities(Map<?, ?> map) throws StateException {
        for (Object key : map.keySet()) {
            if (key instanceof String || key != null && Builtins.isBox(key.getClass())) {
                throw failure(
                        "a key of an IdentityHashMap is a "
                                + key.getClass().getName()
                                + ", which does not keep its identity",
                        null);
            }
        }
    }

    private void writeElements(Output out, Collection<?> elements, boolean hashed)
            throws StateException {
        out.writeVarInt(elements.size(), true);
        for (Object element : elements) {
            if (hashed) {
                checkKey(elements, element);
            }
            writeReference(out, element);
        }
    }

    private void writeEntries(Output out, Map<?, ?> map, boolean hashed) throws StateException {
        out.writeVarInt(map.size(), true);
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (hashed) {
                checkKey(map, entry.getKey());
            }
            writeReference(out, entry.getKey());
            writeReference(out, entry.getValue());
        }
    }

    // errors

    /** An error about the object whose contents are being written. */
    private StateException failure(String reason, @Nullable Throwable cause) {
        return new StateException(
                Offenders.oneLine(
                        "cannot save "
                                + Offenders.path(root, nodes, current, null)
                                + ": "
                                + reason),
                cause);
    }

    /** An error about an object that the current one refers to. */
    private StateException failure(Object offender, String reason, @Nullable Throwable cause) {
        return new StateException(
                Offenders.oneLine(
                        "cannot save "
                                + Offenders.path(root, nodes, current, offender)
                                + ": "
                                + reason),
                cause);
    }
}
