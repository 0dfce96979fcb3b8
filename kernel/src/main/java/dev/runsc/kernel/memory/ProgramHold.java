package dev.runsc.kernel.memory;

import dev.runsc.state.Savable;

/**
 * What keeps the file of a running program from being written, for as long as an address space made
 * from it lives (Linux {@code mm->exe_file}). Counted: forks share it.
 */
public interface ProgramHold extends Savable {
    void retain();

    void release();
}
