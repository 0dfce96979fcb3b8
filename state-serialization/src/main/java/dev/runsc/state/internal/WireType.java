package dev.runsc.state.internal;

import java.util.List;

/**
 * One row of an image's type table.
 *
 * @param kind how objects of the type are written
 * @param name stable name
 * @param version version of the type at the time of writing; 1 for built-in types
 * @param fields fields in the order they are written, for classes and records
 * @param constants names of the constants, for enums
 */
public record WireType(
        TypeKind kind, String name, int version, List<WireField> fields, List<String> constants) {

    /** A field as written. */
    public record WireField(String name, FieldKind kind) {}

    /** The fewest bytes that the contents of one object take in their stream. */
    public int minimumBytes() {
        if (kind.hasFields()) {
            int sum = 0;
            for (WireField field : fields) {
                sum += field.kind().minimumBytes();
            }
            return sum;
        }
        // the contents of arrays of references have no count of their own: it stands with the type
        return kind == TypeKind.OBJECT_ARRAY ? 0 : 1;
    }
}
