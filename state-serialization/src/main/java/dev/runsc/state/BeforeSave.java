package dev.runsc.state;

/**
 * An object that brings its saved fields up to date before it is written, for example by turning a
 * monotonic time into a duration. Called once per save, immediately before the object's own fields
 * are read. It must not change how the object behaves, because the system may go on afterwards, and
 * it must touch nothing but its own fields, because others may have been written already.
 */
public interface BeforeSave {
    void beforeSave();
}
