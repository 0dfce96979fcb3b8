package dev.runsc.gofer.abi;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Constants of one family by the names that C and this package have for them. They are looked up
 * when one is first asked for: most never are, and reflection takes its time.
 */
public final class ConstantNames {
    private static final long LOW_WORD = 0xffff_ffffL;

    private record Name(String text, long value) {}

    private final Supplier<List<Name>> source;

    /** What strace(1) writes behind a value that has no name; empty for nothing. */
    private final String family;

    private volatile @Nullable Tables tables;

    private ConstantNames(String family, Supplier<List<Name>> source) {
        this.family = family;
        this.source = source;
    }

    private static final class Tables {
        /** Names of more bits before those of fewer; of aliases the shortest is first. */
        private static final Comparator<Name> ORDER =
                Comparator.<Name>comparingInt(name -> -Long.bitCount(name.value))
                        .thenComparingInt(name -> name.text.length())
                        .thenComparing(Name::text);

        final List<Name> names;
        final Map<Long, String> byValue = new HashMap<>();
        final Map<String, Long> byText = new HashMap<>();

        Tables(List<Name> names) {
            this.names = names.stream().sorted(ORDER).toList();
            for (Name name : this.names) {
                byValue.putIfAbsent(name.value, name.text);
                byText.put(name.text, name.value);
            }
        }
    }

    private Tables tables() {
        Tables made = tables;
        if (made == null) {
            made = new Tables(source.get());
            tables = made;
        }
        return made;
    }

    /**
     * The constants of a class.
     *
     * @param prefix what their names begin with
     * @param without what names of others begin with, and aliases
     */
    public static ConstantNames of(Class<?> constants, String prefix, String... without) {
        String family = prefix.substring(0, prefix.lastIndexOf('_') + 1);
        return new ConstantNames(
                (family.isEmpty() ? prefix : family) + "???",
                () -> named(constants, prefix, without));
    }

    private static List<Name> named(Class<?> constants, String prefix, String... without) {
        List<Name> found = new ArrayList<>();
        for (Field field : constants.getFields()) {
            String name = field.getName();
            if (Modifier.isStatic(field.getModifiers())
                    && field.getType().isPrimitive()
                    && name.startsWith(prefix)
                    && Arrays.stream(without).noneMatch(name::startsWith)) {
                found.add(new Name(name, valueOf(field)));
            }
        }
        return found;
    }

    /** One name, for what has no constant. */
    public static ConstantNames of(String name, long value) {
        return new ConstantNames("", () -> List.of(new Name(name, value)));
    }

    /** Those of both. */
    public ConstantNames and(ConstantNames more) {
        return new ConstantNames(
                family,
                () -> Stream.of(this, more).flatMap(each -> each.source.get().stream()).toList());
    }

    /** One name more, for what has no constant. */
    public ConstantNames and(String name, long value) {
        return and(of(name, value));
    }

    /**
     * The same names under another name for all of them.
     *
     * @param text behind a value that has no name, as a comment
     */
    public ConstantNames called(String text) {
        return new ConstantNames(text, source);
    }

    private String comment() {
        return family.isEmpty() ? "" : " /* " + family + " */";
    }

    private static long valueOf(Field field) {
        try {
            long value = field.getLong(null);
            return field.getType() == int.class ? value & LOW_WORD : value;
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    /** The name of a value, null when it has none. */
    public @Nullable String find(int value) {
        return tables().byValue.get(value & LOW_WORD);
    }

    /** The value of a name, -1 when there is none. */
    public int find(String text) {
        return tables().byText.getOrDefault(text, -1L).intValue();
    }

    /** The name of a value, or the value. */
    public String value(int value) {
        String name = find(value);
        if (name != null) {
            return name;
        }
        return (value == 0 ? "0" : "0x" + Integer.toHexString(value)) + comment();
    }

    /** The names of bits, those of lower bits first, with what has no name as a number. */
    public String flags(long bits) {
        if (bits == 0) {
            return tables().byValue.getOrDefault(0L, "0");
        }
        String text = further(bits);
        return text.startsWith("0x") && text.indexOf('|') < 0 ? text + comment() : text;
    }

    /** As {@link #flags} behind others, which say of what family all are. */
    public String further(long bits) {
        List<Name> found = new ArrayList<>();
        long rest = bits;
        for (Name name : tables().names) {
            if (name.value != 0 && (rest & name.value) == name.value) {
                found.add(name);
                rest &= ~name.value;
            }
        }
        if (rest != 0) {
            found.add(new Name("0x" + Long.toHexString(rest), 0));
        }
        found.sort(Comparator.comparingInt(name -> Long.numberOfTrailingZeros(name.value)));
        return String.join("|", found.stream().map(Name::text).toList());
    }
}
