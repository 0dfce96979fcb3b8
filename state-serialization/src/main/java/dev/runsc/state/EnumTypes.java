package dev.runsc.state;

import dev.runsc.state.internal.TypeKind;
import java.util.EnumMap;
import java.util.EnumSet;

/** Finds the enum behind an EnumSet or EnumMap, which have no accessor for it. */
final class EnumTypes {
    private EnumTypes() {}

    static Class<?> elementTypeOf(EnumSet<?> set) throws StateException {
        EnumSet<?> some = set.isEmpty() ? EnumSet.complementOf(set) : set;
        for (Enum<?> constant : some) {
            return constant.getDeclaringClass();
        }
        throw new StateException("an EnumSet of an enum without constants cannot be saved");
    }

    /** For an empty map the registered enums are tried on a copy, which takes only its own. */
    static Class<?> keyTypeOf(EnumMap<?, ?> map, StateSchema schema) throws StateException {
        for (Enum<?> key : map.keySet()) {
            return key.getDeclaringClass();
        }
        for (TypeEntry entry : schema.entries()) {
            if (entry.kind() == TypeKind.ENUM && takes(map, entry.type())) {
                return entry.type();
            }
        }
        throw new StateException("the key type of an empty EnumMap is not registered");
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // the refusal of a wrong key is the question
    private static boolean takes(EnumMap<?, ?> map, Class<?> enumType) {
        Object[] constants = enumType.getEnumConstants();
        if (constants.length == 0) {
            return false;
        }
        EnumMap copy = map.clone();
        try {
            copy.put((Enum) constants[0], "");
            return true;
        } catch (ClassCastException otherType) {
            return false;
        }
    }
}
