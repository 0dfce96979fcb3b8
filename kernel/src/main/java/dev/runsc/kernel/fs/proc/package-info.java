/**
 * The proc file system (proc(5), Linux fs/proc): processes and kernel values as files.
 *
 * <p>{@link dev.runsc.kernel.fs.proc.ProcFileSystem} is an instance, which shows one PID namespace.
 * Its root has fixed entries and behind them a {@link dev.runsc.kernel.fs.proc.TaskDirectory} for
 * each process; entries of such a directory are rows of {@link dev.runsc.kernel.fs.proc.TaskEntry}.
 * Texts are made on each read from the live objects: {@link dev.runsc.kernel.fs.proc.TaskText},
 * {@link dev.runsc.kernel.fs.proc.StatusText}, {@link dev.runsc.kernel.fs.proc.MemoryText} for
 * tasks, {@link dev.runsc.kernel.fs.proc.RootText} for the system, {@link
 * dev.runsc.kernel.fs.proc.SysctlTree} for /proc/sys. Formats are those of Linux 6.12, to the
 * blank.
 *
 * <p>{@link dev.runsc.kernel.fs.proc.SandboxFolder} is no part of Linux: what a container may ask
 * of its sandbox, if its configuration lets it.
 *
 * <p>Not accounted and shown as 0: page faults, bytes read from and written to disks. Values of
 * /proc/sys that may be written are kept and shown, and change nothing, but for host and domain
 * name.
 *
 * <p><b>Locks.</b> The tree lock is SYNTHETIC, which comes before the task tree's, since names are
 * found there. Texts are made with no lock held.
 *
 * <p><b>Images</b> hold directories, links and open files, by the tasks they show; nothing of their
 * contents but what an open file has read already. The boot id is drawn again after a restore.
 */
@NullMarked
package dev.runsc.kernel.fs.proc;

import org.jspecify.annotations.NullMarked;
