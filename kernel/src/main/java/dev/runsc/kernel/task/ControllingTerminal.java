package dev.runsc.kernel.task;

import dev.runsc.state.Savable;
import java.util.List;

/** A terminal as the session that it controls sees it. */
public interface ControllingTerminal extends Savable {
    /** The device number, as /proc/pid/stat shows it. */
    long deviceNumber();

    /** Name without /dev/, such as pts/0. */
    String terminalName();

    /** Number of the process group in the foreground as a namespace sees it, -1 without one. */
    int foregroundGroup(PidNamespace view);

    /** The processes in the foreground. */
    List<ThreadGroup> foregroundProcesses();

    /** The session leader is gone: the foreground group gets SIGHUP and the terminal is free. */
    void sessionLeaderExited();
}
