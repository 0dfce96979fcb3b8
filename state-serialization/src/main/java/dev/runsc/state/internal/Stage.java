package dev.runsc.state.internal;

/** The three streams of an image, in file order. The ordinal is part of the image format. */
public enum Stage {
    /** Type of every object, and values in full. */
    OBJECTS,
    /** Fields and elements of objects that are made empty. */
    FIELDS,
    /** Elements of sets and maps, filled when keys are complete. */
    ENTRIES
}
