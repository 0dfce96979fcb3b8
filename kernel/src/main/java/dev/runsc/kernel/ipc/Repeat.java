package dev.runsc.kernel.ipc;

/** Where a call that is cut short and repeated notes that it has waited. */
public interface Repeat {
    boolean hasWaited();

    void noteWaited();
}
