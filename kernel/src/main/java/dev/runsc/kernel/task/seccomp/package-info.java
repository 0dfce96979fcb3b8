/**
 * Seccomp filters as data: a {@link dev.runsc.kernel.task.seccomp.BpfProgram} that has been checked
 * and can be run, the chain of {@link dev.runsc.kernel.task.seccomp.SeccompFilter}s of a task, and
 * the {@link dev.runsc.kernel.task.seccomp.SeccompMode} that a task is in. What comes of a filter's
 * answer is the task package's.
 *
 * <p>Calls that a filter has a supervisor asked about wait in its {@link
 * dev.runsc.kernel.task.seccomp.Notifications}, which have a lock. Everything else is immutable.
 * Saved: all of it, calls that wait for an answer too, but for what a filter knows ahead of each
 * call's number, which is found out again.
 */
package dev.runsc.kernel.task.seccomp;
