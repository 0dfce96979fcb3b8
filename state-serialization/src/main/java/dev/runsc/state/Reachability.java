package dev.runsc.state;

import dev.runsc.state.internal.FieldSlot;
import dev.runsc.state.internal.TypeKind;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Walks declared types from a root and collects what a save would stumble over. */
final class Reachability {
    private final StateSchema schema;
    private final Deque<TypeEntry> open = new ArrayDeque<>();
    private final Set<Class<?>> seen = new HashSet<>();
    private final Set<Type> onPath = new HashSet<>();
    private final Set<String> problems = new TreeSet<>();

    Reachability(StateSchema schema) {
        this.schema = schema;
    }

    List<String> problemsFrom(Class<?> root) {
        follow(root, "root");
        while (!open.isEmpty()) {
            TypeEntry entry = open.removeFirst();
            try {
                for (FieldSlot slot : entry.shape().slots()) {
                    String where = entry.name() + "." + slot.name();
                    follow(slot.field().getGenericType(), where);
                }
            } catch (StateException misdeclared) {
                problems.add(entry.name() + ": " + misdeclared.getMessage());
            }
        }
        return List.copyOf(problems);
    }

    private void follow(Type type, String where) {
        if (!onPath.add(type)) {
            return;
        }
        switch (type) {
            case Class<?> plain -> followClass(plain, where);
            case ParameterizedType generic -> {
                follow(generic.getRawType(), where);
                for (Type argument : generic.getActualTypeArguments()) {
                    follow(argument, where);
                }
            }
            case GenericArrayType array -> follow(array.getGenericComponentType(), where);
            case WildcardType wildcard -> {
                for (Type bound : wildcard.getUpperBounds()) {
                    follow(bound, where);
                }
            }
            case TypeVariable<?> variable -> {
                for (Type bound : variable.getBounds()) {
                    follow(bound, where);
                }
            }
            default -> problems.add(where + ": " + type.getTypeName() + " is not understood");
        }
        onPath.remove(type);
    }

    private void followClass(Class<?> type, String where) {
        if (type.isPrimitive()) {
            return;
        }
        if (type.isArray()) {
            Class<?> component = type.getComponentType();
            if (!component.isPrimitive() && schema.findComponentName(component) == null) {
                problems.add(
                        where
                                + ": arrays of "
                                + component.getName()
                                + " need a name in the schema");
            }
            follow(component, where);
            return;
        }
        TypeEntry entry = schema.find(type);
        if (entry != null) {
            enter(entry);
            if (entry.kind() == TypeKind.CLASS && !Modifier.isFinal(type.getModifiers())) {
                enterImplementors(type);
            }
        } else if (!Builtins.mayBeDeclared(type)) {
            boolean open = type.isInterface() || Modifier.isAbstract(type.getModifiers());
            if (!open) {
                problems.add(where + ": " + Offenders.reason(type));
            } else if (!enterImplementors(type)) {
                problems.add(where + ": no registered type implements " + type.getName());
            }
        }
        checkPermitted(type, where);
    }

    /** The permitted subclasses of a sealed type are all meant to occur. */
    private void checkPermitted(Class<?> type, String where) {
        if (!type.isSealed() || type.isEnum()) {
            return;
        }
        for (Class<?> permitted : type.getPermittedSubclasses()) {
            if (permitted.isSealed() || !Modifier.isAbstract(permitted.getModifiers())) {
                follow(permitted, where);
            }
        }
    }

    private boolean enterImplementors(Class<?> type) {
        boolean any = false;
        for (TypeEntry candidate : schema.entries()) {
            if (type.isAssignableFrom(candidate.type())) {
                enter(candidate);
                any = true;
            }
        }
        return any;
    }

    private void enter(TypeEntry entry) {
        if (seen.add(entry.type()) && entry.kind().hasFields()) {
            open.addLast(entry);
        }
    }
}
