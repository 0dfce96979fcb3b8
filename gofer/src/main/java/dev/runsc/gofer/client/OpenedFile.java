package dev.runsc.gofer.client;

import dev.runsc.gofer.host.HostFd;

/** What opening a node gave. */
public sealed interface OpenedFile {
    /** A descriptor of ours: reading, writing and mapping need the gofer no more. */
    record Donated(HostFd fd) implements OpenedFile {}

    /** A handle at the gofer, for {@link GoferClient#read} and so on; to be released. */
    record Kept(long handle) implements OpenedFile {}
}
