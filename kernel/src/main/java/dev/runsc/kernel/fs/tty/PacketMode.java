package dev.runsc.kernel.fs.tty;

import static dev.runsc.gofer.abi.TermiosFlags.TIOCPKT_DOSTOP;
import static dev.runsc.gofer.abi.TermiosFlags.TIOCPKT_NOSTOP;
import static dev.runsc.gofer.abi.TermiosFlags.TIOCPKT_START;
import static dev.runsc.gofer.abi.TermiosFlags.TIOCPKT_STOP;

import dev.runsc.state.Savable;

/**
 * What a master that reads packets is told besides the output (TIOCPKT of ioctl_tty(2)). Guarded by
 * the terminal's lock.
 */
final class PacketMode implements Savable {
    private boolean on;

    /** TIOCPKT_* bits that the master has not read yet. */
    private int status;

    boolean isOn() {
        return on;
    }

    void set(boolean wanted) {
        if (wanted && !on) {
            status = 0;
        }
        on = wanted;
    }

    boolean hasStatus() {
        return on && status != 0;
    }

    byte takeStatus() {
        byte taken = (byte) status;
        status = 0;
        return taken;
    }

    /**
     * Takes in what happened.
     *
     * @param events TIOCPKT_* bits
     * @return whether it is news for the master
     */
    boolean note(int events) {
        int both = TIOCPKT_STOP | TIOCPKT_START;
        if (on) {
            status = ((events & both) != 0 ? status & ~both : status) | events;
        }
        return on && events != 0;
    }

    /** The modes change: whether ^S and ^Q stop and start is for the master to know. */
    void noteModes(Modes old, Modes changed) {
        if (on && old.stopsAtUsual() != changed.stopsAtUsual()) {
            status &= ~(TIOCPKT_DOSTOP | TIOCPKT_NOSTOP);
            status |= changed.stopsAtUsual() ? TIOCPKT_DOSTOP : TIOCPKT_NOSTOP;
        }
    }
}
