package dev.runsc.state;

import com.esotericsoftware.kryo.io.Input;
import dev.runsc.state.internal.FieldKind;
import dev.runsc.state.internal.FormatException;
import dev.runsc.state.internal.Wire;
import dev.runsc.state.internal.WireType;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The parts of one object of an image, for people. */
final class Parts {
    /** Elements of one object that are shown. */
    private static final int MAX_SHOWN = 1024;

    /** Characters of a string that are shown. */
    private static final int MAX_CHARS = 512;

    private static final String VALUE = "value";

    private final WireType type;
    private final boolean keep;
    private final List<@Nullable Object> keys = new ArrayList<>();
    private final List<@Nullable Object> values = new ArrayList<>();
    private int omitted;

    /** A part that is another object. */
    record Reference(int id) {}

    /** A part that is an enum constant: places in the type table and in the type's constants. */
    record Constant(int type, int constant) {}

    Parts(WireType type) {
        this(type, true);
    }

    private Parts(WireType type, boolean keep) {
        this.type = type;
        this.keep = keep;
    }

    /** Moves {@code in} past the contents of an object. */
    static void skip(Input in, WireType type, int length) throws FormatException {
        new Parts(type, false).read(in, length);
    }

    int count() {
        return values.size();
    }

    int omitted() {
        return omitted;
    }

    /** Name of a part, or a key that is a {@link Reference} or a boxed primitive. */
    @Nullable Object key(int index) {
        return keys.get(index);
    }

    /** A {@link Reference}, a {@link Constant}, text or a boxed primitive. */
    @Nullable Object value(int index) {
        return values.get(index);
    }

    private void add(Object key, @Nullable Object value) {
        if (!keep) {
            return;
        }
        if (values.size() < MAX_SHOWN) {
            keys.add(key);
            values.add(value);
        } else {
            omitted++;
        }
    }

    /**
     * Reads all parts.
     *
     * @param length of an array of references
     */
    void read(Input in, int length) throws FormatException {
        switch (type.kind()) {
            case CLASS, RECORD -> {
                for (WireType.WireField field : type.fields()) {
                    add(
                            field.name(),
                            field.kind() == FieldKind.REFERENCE
                                    ? reference(in)
                                    : Wire.readPrimitive(in, field.kind()));
                }
            }
            case STRING -> {
                String text = Wire.readText(in);
                add(VALUE, keep ? quote(text) : null);
            }
            case ENUM -> add(VALUE, constantName(type, in.readVarInt(true)));
            case ADAPTED, ATOMIC_REFERENCE -> add(VALUE, reference(in));
            case ATOMIC_BOOLEAN -> add(VALUE, Wire.readBoolean(in));
            case ATOMIC_INTEGER -> add(VALUE, in.readVarInt(false));
            case ATOMIC_LONG -> add(VALUE, in.readVarLong(false));
            case BIT_SET -> addArray(Wire.readLongs(in));
            case ENUM_SET -> {
                int enumType = Wire.readCount(in, Integer.MAX_VALUE);
                int count = Wire.readCountOf(in, 1);
                for (int i = 0; i < count; i++) {
                    add("[" + i + "]", new Constant(enumType, in.readVarInt(true)));
                }
            }
            case OBJECT_ARRAY -> elements(in, length);
            case IMMUTABLE_LIST,
                    IMMUTABLE_SET,
                    ARRAY_LIST,
                    ARRAY_DEQUE,
                    HASH_SET,
                    LINKED_HASH_SET,
                    TREE_SET ->
                    elements(in, Wire.readCountOf(in, 1));
            case IMMUTABLE_MAP, HASH_MAP, LINKED_HASH_MAP, TREE_MAP, IDENTITY_MAP, ENUM_MAP -> {
                int count = Wire.readCountOf(in, 2);
                for (int i = 0; i < count; i++) {
                    Object key = reference(in);
                    // a key that is a box must not be taken for a field name
                    add(key == null ? "[null]" : key, reference(in));
                }
            }
            default -> addArray(Wire.readArray(in, type.kind()));
        }
    }

    private void elements(Input in, int count) throws FormatException {
        for (int i = 0; i < count; i++) {
            Object element = reference(in);
            if (keep) {
                add("[" + i + "]", element);
            }
        }
    }

    private void addArray(Object array) {
        if (!keep) {
            return;
        }
        int length = Array.getLength(array);
        add("length", length);
        for (int i = 0; i < length; i++) {
            if (values.size() >= MAX_SHOWN) {
                omitted = length - i;
                return;
            }
            add("[" + i + "]", Array.get(array, i));
        }
    }

    private @Nullable Object reference(Input in) throws FormatException {
        int mark = in.readVarInt(true);
        return switch (mark) {
            case Wire.NULL -> null;
            case Wire.BOX -> Wire.readBox(in);
            default -> new Reference(mark - Wire.FIRST_ID);
        };
    }

    static String constantName(WireType type, int constant) throws FormatException {
        if (constant < 0 || constant >= type.constants().size()) {
            throw new FormatException("constant " + constant + " of enum " + type.name());
        }
        return type.constants().get(constant);
    }

    /** Text in quotes on one line, shortened. */
    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        int shown = Math.min(text.length(), MAX_CHARS);
        for (int i = 0; i < shown; i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (Character.isISOControl(c) || Character.isSurrogate(c)) {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        quoted.append('"');
        if (shown < text.length()) {
            quoted.append(" and ").append(text.length() - shown).append(" more");
        }
        return quoted.toString();
    }
}
