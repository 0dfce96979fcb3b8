/**
 * System calls to the host: the only place of this module that leaves Java.
 *
 * <p>Static methods by family, named after the calls: {@link dev.runsc.gofer.host.HostFiles} (by
 * descriptor), {@link dev.runsc.gofer.host.HostTree} (by directory and name), {@link
 * dev.runsc.gofer.host.HostMemory}, {@link dev.runsc.gofer.host.HostSockets} and {@link
 * dev.runsc.gofer.host.UnixSocket}, {@link dev.runsc.gofer.host.HostPoll}, {@link
 * dev.runsc.gofer.host.HostProcess}, {@link dev.runsc.gofer.host.Spawn}, {@link
 * dev.runsc.gofer.host.Futex}. A descriptor we own is a {@link dev.runsc.gofer.host.HostFd};
 * methods take the bare number, so that inherited ones need no owner.
 *
 * <p>All go through one C function, {@code syscall}. The door to it is our own small library where
 * runsc was built with a C compiler ({@code JniLibc}); else JNA's direct mapping for ordinary
 * calls, and {@code java.lang.foreign} for the ones where the difference of over 100 ns shows
 * (futex, mmap, read and write at an address). Each binding is made at its first use, so a start
 * pays for nothing it does not need. Failures are {@link dev.runsc.gofer.abi.ErrnoException}; an
 * error number is captured by the call that failed and cannot be that of another thread.
 *
 * <p>Path arguments: {@code byte[]} is taken as it is, {@code String} is Unicode and goes out as
 * UTF-8; neither may hold a zero. Interrupted calls ({@code EINTR}) are repeated unless the method
 * says otherwise.
 *
 * <p>May be called by gofer, kernel and command line from any thread. No locks; nothing is saved.
 */
@NullMarked
package dev.runsc.gofer.host;

import org.jspecify.annotations.NullMarked;
