package dev.runsc.state;

/**
 * Marks a class or record whose objects may be part of a saved graph. The type must also be
 * registered in the {@link StateSchema} of that graph, otherwise saving fails and names it.
 *
 * <p>All instance fields that are not {@code transient} are saved, those of superclasses included.
 * Objects come back without any constructor being run (records through their canonical one), so a
 * {@code transient} field holds its type's zero until {@link AfterRestore} sets it.
 */
public interface Savable {}
