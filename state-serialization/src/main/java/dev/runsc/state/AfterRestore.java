package dev.runsc.state;

/**
 * An object that rebuilds what was not saved: transient fields, indexes, links to the host.
 *
 * <p>Hooks run after the fields of all objects of the graph are loaded, so a hook may follow any
 * reference; whether the hook of the object it finds there has run already is decided by {@link
 * #restoreOrder} alone.
 */
public interface AfterRestore {
    /**
     * Rebuilds this object's unsaved state.
     *
     * @throws RestoreException when the surroundings lack what this object needs; the load fails
     */
    void afterRestore(RestoreContext context) throws RestoreException;

    /**
     * The hook's place: lower numbers run first, equal numbers in order of object id. See {@link
     * RestoreOrder} for the usual places. Asked once, when all fields are loaded.
     */
    default int restoreOrder() {
        return RestoreOrder.NORMAL;
    }
}
