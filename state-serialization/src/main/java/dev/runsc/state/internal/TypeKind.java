package dev.runsc.state.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
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
import org.jspecify.annotations.Nullable;

/**
 * How objects of a type are made and filled. The codes are part of the image format. Kinds of stage
 * {@link Stage#OBJECTS} are values: they stand in the object stream in full.
 */
public enum TypeKind {
    /** A registered class, written field by field. */
    CLASS(1, Stage.FIELDS, null, null),
    /** A registered record, made by its canonical constructor. */
    RECORD(2, Stage.OBJECTS, null, null),
    /** One constant of a registered enum. */
    ENUM(3, Stage.OBJECTS, null, null),
    /** An object of a registered class that is written as one value. */
    ADAPTED(4, Stage.OBJECTS, null, null),
    /** An array of references; the type's name is the name of the component type and "[]". */
    OBJECT_ARRAY(5, Stage.FIELDS, null, null),

    STRING(10, Stage.OBJECTS, "java.lang.String", String.class),
    BOOLEAN_ARRAY(11, Stage.OBJECTS, "boolean[]", boolean[].class),
    BYTE_ARRAY(12, Stage.OBJECTS, "byte[]", byte[].class),
    SHORT_ARRAY(13, Stage.OBJECTS, "short[]", short[].class),
    CHAR_ARRAY(14, Stage.OBJECTS, "char[]", char[].class),
    INT_ARRAY(15, Stage.OBJECTS, "int[]", int[].class),
    LONG_ARRAY(16, Stage.OBJECTS, "long[]", long[].class),
    FLOAT_ARRAY(17, Stage.OBJECTS, "float[]", float[].class),
    DOUBLE_ARRAY(18, Stage.OBJECTS, "double[]", double[].class),

    /** What List.of, List.copyOf and Stream.toList give. */
    IMMUTABLE_LIST(20, Stage.OBJECTS, "java.util.List.of", List.class),
    IMMUTABLE_SET(21, Stage.OBJECTS, "java.util.Set.of", Set.class),
    IMMUTABLE_MAP(22, Stage.OBJECTS, "java.util.Map.of", Map.class),
    BIT_SET(23, Stage.OBJECTS, "java.util.BitSet", BitSet.class),
    ENUM_SET(24, Stage.OBJECTS, "java.util.EnumSet", EnumSet.class),
    ATOMIC_BOOLEAN(
            25, Stage.OBJECTS, "java.util.concurrent.atomic.AtomicBoolean", AtomicBoolean.class),
    ATOMIC_INTEGER(
            26, Stage.OBJECTS, "java.util.concurrent.atomic.AtomicInteger", AtomicInteger.class),
    ATOMIC_LONG(27, Stage.OBJECTS, "java.util.concurrent.atomic.AtomicLong", AtomicLong.class),

    ATOMIC_REFERENCE(
            30, Stage.FIELDS, "java.util.concurrent.atomic.AtomicReference", AtomicReference.class),
    ARRAY_LIST(31, Stage.FIELDS, "java.util.ArrayList", ArrayList.class),
    ARRAY_DEQUE(32, Stage.FIELDS, "java.util.ArrayDeque", ArrayDeque.class),

    HASH_SET(40, Stage.ENTRIES, "java.util.HashSet", HashSet.class),
    LINKED_HASH_SET(41, Stage.ENTRIES, "java.util.LinkedHashSet", LinkedHashSet.class),
    TREE_SET(42, Stage.ENTRIES, "java.util.TreeSet", TreeSet.class),
    HASH_MAP(43, Stage.ENTRIES, "java.util.HashMap", HashMap.class),
    LINKED_HASH_MAP(44, Stage.ENTRIES, "java.util.LinkedHashMap", LinkedHashMap.class),
    TREE_MAP(45, Stage.ENTRIES, "java.util.TreeMap", TreeMap.class),
    IDENTITY_MAP(46, Stage.ENTRIES, "java.util.IdentityHashMap", IdentityHashMap.class),
    ENUM_MAP(47, Stage.ENTRIES, "java.util.EnumMap", EnumMap.class);

    private static final @Nullable TypeKind[] BY_CODE = new @Nullable TypeKind[48];

    static {
        for (TypeKind kind : values()) {
            BY_CODE[kind.code] = kind;
        }
    }

    private final int code;
    private final Stage stage;
    private final @Nullable String builtinName;
    private final @Nullable Class<?> builtinClass;

    TypeKind(int code, Stage stage, @Nullable String builtinName, @Nullable Class<?> builtinClass) {
        this.code = code;
        this.stage = stage;
        this.builtinName = builtinName;
        this.builtinClass = builtinClass;
    }

    public int code() {
        return code;
    }

    /** The stream that holds the contents. */
    public Stage stage() {
        return stage;
    }

    /** True when the object stream holds all of it. */
    public boolean isValue() {
        return stage == Stage.OBJECTS;
    }

    /** True for kinds whose elements are key and value pairs. */
    public boolean isMap() {
        return switch (this) {
            case IMMUTABLE_MAP, HASH_MAP, LINKED_HASH_MAP, TREE_MAP, IDENTITY_MAP, ENUM_MAP -> true;
            default -> false;
        };
    }

    /** True for kinds whose type table entry lists fields. */
    public boolean hasFields() {
        return this == CLASS || this == RECORD;
    }

    /** Fixed name of a built-in type; null for registered types and arrays of references. */
    public @Nullable String builtinName() {
        return builtinName;
    }

    /** Class or interface of a built-in type; null as for {@link #builtinName}. */
    public @Nullable Class<?> builtinClass() {
        return builtinClass;
    }

    /** The kind with this code, or null. */
    public static @Nullable TypeKind findByCode(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }
}
