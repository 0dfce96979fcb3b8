/**
 * The system calls. {@link dev.runsc.kernel.syscalls.SyscallTable} is the one list, a row per call;
 * the handlers are static methods in one class per family, named as Linux names the call. A handler
 * decodes its arguments, checks them, calls one subsystem and encodes the answer; anything that
 * loops or locks lives below.
 *
 * <p>{@link dev.runsc.kernel.syscalls.Dispatcher} finds the row. Nothing here is saved.
 */
package dev.runsc.kernel.syscalls;
