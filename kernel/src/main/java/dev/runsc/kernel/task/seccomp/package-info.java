/**
 * Seccomp filters as data: a {@link dev.runsc.kernel.task.seccomp.BpfProgram} that has been checked
 * and can be run, the chain of {@link dev.runsc.kernel.task.seccomp.SeccompFilter}s of a task, and
 * the {@link dev.runsc.kernel.task.seccomp.SeccompMode} that a task is in. What comes of a filter's
 * answer is the task package's.
 *
 * <p>Everything is immutable, so there are no locks. Saved: all of it, but for what a filter knows
 * ahead of each call's number, which is found out again.
 */
package dev.runsc.kernel.task.seccomp;
