/**
 * Tasks and processes: how they are born, run, get signals, wait and end.
 *
 * <p>{@link dev.runsc.kernel.task.Task} is a guest thread, {@link
 * dev.runsc.kernel.task.ThreadGroup} a process, {@link dev.runsc.kernel.task.TaskSet} all of them.
 * A task's platform thread runs a loop over explicit {@link dev.runsc.kernel.task.RunState}s; pause
 * and checkpoint stop it only at the loop's top, so no Java stack is ever part of an image. A
 * system call that sleeps is cut short by a signal or stop and repeated, with its deadline and
 * progress kept.
 *
 * <p>{@link dev.runsc.kernel.task.Ptrace} brings tracers and tracees together; a tracee's stop is a
 * fact in its {@link dev.runsc.kernel.task.Tracing} that holds it at its loop's top, and what comes
 * after the stop is its run state, so a debugger and its debuggee go on after a restore.
 *
 * <p>Locks: a tracee's request lock, held while its tracer works on it, comes before all; the task
 * set's lock guards the tree, a process's {@code SignalHandlers} lock its signals; the first is
 * taken first. Saved: everything but threads, host contexts, and the count of external stops.
 */
package dev.runsc.kernel.task;
