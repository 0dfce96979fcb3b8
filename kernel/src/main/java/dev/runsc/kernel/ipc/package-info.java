/**
 * System V shared memory, semaphores and message queues (sysvipc(7), Linux {@code ipc/}).
 *
 * <p>{@link dev.runsc.kernel.ipc.IpcNamespace} holds the three tables of a namespace
 * (ipc_namespaces(7)) with its limits; {@link dev.runsc.kernel.ipc.SharedSegments}, {@link
 * dev.runsc.kernel.ipc.SemaphoreSets} and {@link dev.runsc.kernel.ipc.MessageQueues} are the
 * operations on each. {@link dev.runsc.kernel.ipc.SegmentAttachment} is what an address space maps;
 * {@link dev.runsc.kernel.ipc.UndoList} is what a process owes the semaphores when it ends.
 *
 * <p>System calls use it through a task's namespace, proc through views. Everything of a namespace,
 * undo lists of its tasks included, is guarded by its one lock (LockClass.IPC). It comes after an
 * address space's, which is held while segments are mapped and given up: nothing here touches guest
 * memory.
 *
 * <p>All is saved but who sleeps: operations that wait are cut short at a freeze and repeated.
 * Whoever has waited before and finds its object gone is told EIDRM, as if it had gone on waiting.
 */
@NullMarked
package dev.runsc.kernel.ipc;

import org.jspecify.annotations.NullMarked;
