package dev.runsc.kernel.vfs;

import dev.runsc.state.Savable;

/**
 * Who hears by signal of a file's readiness (fcntl F_SETOWN, F_SETSIG; Linux {@code struct
 * fown_struct}).
 *
 * @param type F_OWNER_TID, F_OWNER_PID or F_OWNER_PGRP
 * @param id in the PID namespace of whoever set it; 0 for nobody
 * @param signal 0 for SIGIO
 */
public record AsyncOwner(int type, int id, int signal) implements Savable {
    public static final AsyncOwner NOBODY = new AsyncOwner(0, 0, 0);

    public AsyncOwner withSignal(int newSignal) {
        return new AsyncOwner(type, id, newSignal);
    }
}
