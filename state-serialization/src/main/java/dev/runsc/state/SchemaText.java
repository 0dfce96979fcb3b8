package dev.runsc.state;

import dev.runsc.state.internal.FieldSlot;
import dev.runsc.state.internal.TypeKind;
import java.util.Locale;
import java.util.Map;

/** The text of a schema for golden files. */
final class SchemaText {
    private SchemaText() {}

    static String of(StateSchema schema) throws StateException {
        StringBuilder text = new StringBuilder();
        for (TypeEntry entry : schema.entries()) {
            text.append(entry.kind().name().toLowerCase(Locale.ROOT)).append(' ');
            text.append(entry.name()).append(' ').append(entry.version());
            text.append('\n');
            if (entry.kind() == TypeKind.ENUM) {
                for (Object constant : entry.type().getEnumConstants()) {
                    text.append("  ").append(((Enum<?>) constant).name()).append('\n');
                }
            } else if (entry.kind().hasFields()) {
                for (FieldSlot slot : entry.shape().slots()) {
                    text.append("  ").append(slot.name()).append(' ');
                    text.append(slot.field().getGenericType().getTypeName()).append('\n');
                }
            }
        }
        for (Map.Entry<String, Class<?>> named : schema.abstractTypes().entrySet()) {
            text.append("abstract ").append(named.getKey()).append('\n');
        }
        return text.toString();
    }
}
