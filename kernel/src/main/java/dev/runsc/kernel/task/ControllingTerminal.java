package dev.runsc.kernel.task;

import dev.runsc.state.Savable;

/** A terminal as the session that it controls sees it. */
public interface ControllingTerminal extends Savable {
    /** The device number, as /proc/pid/stat shows it. */
    long deviceNumber();

    /** Name without /dev/, such as pts/0. */
    String terminalName();

    /** The session leader is gone: the foreground group gets SIGHUP and the terminal is free. */
    void sessionLeaderExited();
}
