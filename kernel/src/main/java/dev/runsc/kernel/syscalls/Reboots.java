package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.SignalNumbers.SIGHUP;
import static dev.runsc.gofer.abi.SignalNumbers.SIGINT;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.SyscallDispatcher;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.TaskExit;

/**
 * reboot(2). There is no machine to end: every PID namespace, a container's own too, is one that
 * Linux would not call its first.
 */
final class Reboots {
    // linux/reboot.h
    private static final int LINUX_REBOOT_MAGIC1 = 0xfee1dead;
    private static final int LINUX_REBOOT_MAGIC2 = 672274793;
    private static final int LINUX_REBOOT_MAGIC2A = 85072278;
    private static final int LINUX_REBOOT_MAGIC2B = 369367448;
    private static final int LINUX_REBOOT_MAGIC2C = 537993216;
    private static final int LINUX_REBOOT_CMD_RESTART = 0x01234567;
    private static final int LINUX_REBOOT_CMD_HALT = 0xCDEF0123;
    private static final int LINUX_REBOOT_CMD_POWER_OFF = 0x4321FEDC;
    private static final int LINUX_REBOOT_CMD_RESTART2 = 0xA1B2C3D4;

    private Reboots() {}

    static long reboot(Task task, Args args) throws ErrnoException {
        PidNamespace namespace = task.namespace();
        if (!task.credentials().hasIn(namespace.owner(), Capabilities.CAP_SYS_BOOT)) {
            throw Errno.EPERM.error();
        }
        if (args.integer(0) != LINUX_REBOOT_MAGIC1) {
            throw Errno.EINVAL.error();
        }
        switch (args.integer(1)) {
            case LINUX_REBOOT_MAGIC2,
                    LINUX_REBOOT_MAGIC2A,
                    LINUX_REBOOT_MAGIC2B,
                    LINUX_REBOOT_MAGIC2C -> {}
            default -> throw Errno.EINVAL.error();
        }
        int signal =
                switch (args.integer(2)) {
                    case LINUX_REBOOT_CMD_RESTART, LINUX_REBOOT_CMD_RESTART2 -> SIGHUP;
                    case LINUX_REBOOT_CMD_HALT, LINUX_REBOOT_CMD_POWER_OFF -> SIGINT;
                    default -> throw Errno.EINVAL.error();
                };
        TaskExit.reboot(task, signal);
        return SyscallDispatcher.NO_RESULT;
    }
}
