/**
 * The platform made of stub processes: guest code runs natively in small host processes whose every
 * system call traps (seccomp) and is answered through shared memory. {@code
 * src/main/c/stub/README.md} draws the picture; {@code stub.h} defines the shared pages, the {@code
 * ...Layout} classes here repeat it.
 *
 * <p>{@link dev.runsc.kernel.platform.stub.StubPlatform} owns the template process ({@code
 * Template}) that makes stub processes, and the control memory ({@code ControlMemory}). A {@code
 * StubProcess} is one guest address space on the host and carries requests to its manager thread; a
 * {@code StubContext} is one guest thread. {@link dev.runsc.kernel.platform.stub.SyscallRewriter}
 * computes how a system call site becomes a jump into the stub.
 *
 * <p>Whatever a stub process can write is read as hostile input: offsets are checked against the
 * slot, numbers are clamped, and what the kernel relies on (that a page is unmapped, that a thread
 * is gone) is told through means that guest code cannot reach: eventfds and process descriptors.
 *
 * <p>Callers: the memory manager (address spaces), tasks (contexts), the kernel (the platform).
 * Locks: {@code LockClass.PLATFORM}, one per process, and the template's below it. Nothing here is
 * saved.
 */
package dev.runsc.kernel.platform.stub;
