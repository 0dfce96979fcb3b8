/**
 * Futexes: {@link dev.runsc.kernel.task.futex.FutexTable} knows who sleeps on which word. Nothing
 * is saved: at a freeze every wait has been cut short, and is repeated afterwards.
 */
package dev.runsc.kernel.task.futex;
