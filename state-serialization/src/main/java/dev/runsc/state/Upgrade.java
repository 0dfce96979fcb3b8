package dev.runsc.state;

/**
 * One step that brings the fields of an old object up to the next version of its type, see {@link
 * StateSchema.Builder#upgrade}.
 */
@FunctionalInterface
public interface Upgrade {
    /**
     * Changes {@code fields} from one version of the type to the next. Objects that the fields
     * refer to may be empty still: move them, do not look into them.
     */
    void apply(FieldValues fields) throws StateException;
}
