/**
 * Terminals (pty(7), termios(3), tty_ioctl(4)): pseudo terminals, the devpts file system that names
 * them, and a container's console.
 *
 * <p>{@link dev.runsc.kernel.fs.tty.Terminal} is one pair of ends with what lies between them: the
 * {@link dev.runsc.kernel.fs.tty.LineDiscipline} on the way in, {@link
 * dev.runsc.kernel.fs.tty.OutputProcessor} on the way out. {@link
 * dev.runsc.kernel.fs.tty.MasterFile} and {@link dev.runsc.kernel.fs.tty.ReplicaFile} are its open
 * files, {@link dev.runsc.kernel.fs.tty.JobControl} is its place in the task tree. {@link
 * dev.runsc.kernel.fs.tty.HostConsole} stands where a master would and passes bytes on to a
 * terminal of the host.
 *
 * <p>Locks: a terminal's bytes and modes have a lock of class CHANNEL; its session and foreground
 * group belong to the task set's lock, which comes first. Signals are sent with neither held by the
 * line discipline.
 *
 * <p>Saved: all of a terminal, a half-typed line included. Host descriptors come back through
 * {@link dev.runsc.kernel.fs.host.HostStreams}.
 */
package dev.runsc.kernel.fs.tty;
