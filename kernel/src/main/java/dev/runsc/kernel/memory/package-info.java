/**
 * Guest memory: what is mapped where in an address space and which bytes lie behind it.
 *
 * <p>{@link dev.runsc.kernel.memory.MemoryManager} is one guest address space (Linux {@code struct
 * mm_struct}): its areas and, below them, the resolved pages; {@link
 * dev.runsc.kernel.memory.UserMemory} is the kernel's own access to it. {@link
 * dev.runsc.kernel.memory.MemoryFile} is the one place where guest bytes live, a sparse memfd with
 * a reference count per page. {@link dev.runsc.kernel.memory.Mappable} is what files look like from
 * here; {@link dev.runsc.kernel.memory.UserBuffer} is guest memory as the target or source of an
 * I/O call.
 *
 * <p>Areas are mapped ahead: an anonymous area gets its range of the memory file and its mapping in
 * the stub when it is made, so that first touches are the host's own faults and never come here.
 * Faults that do come are copy-on-write, stack growth and file pages.
 *
 * <p>{@code CallSites} keeps the system call sites of an address space that jump into the stub, and
 * makes them what they were before the guest could tell the difference.
 *
 * <p>Callers: system calls, the task loop (faults), the ELF loader, file systems (as {@code
 * Mappable}), proc. Locks: MAPPINGS, one per address space; inside it a file's PAGES and the memory
 * file's MEMORY_FILE. {@code Mappable.translate}, {@code readInto}, {@code addMapping} and {@code
 * removeMapping} are called with MAPPINGS held; {@code sync} and {@code punchHole} without; {@code
 * MappingObserver.invalidate} takes it.
 *
 * <p>Saved: areas, resolved pages that lie in the memory file, and the reference counts. Contents
 * stay out of the graph. Address spaces are made anew after a restore; mappings of host files are
 * resolved again at the next fault.
 */
@NullMarked
package dev.runsc.kernel.memory;

import org.jspecify.annotations.NullMarked;
