package dev.runsc.kernel.sync;

/**
 * The lock order, outermost first. At most one lock of a class is held at a time unless the class
 * says how several are ordered among themselves.
 */
public enum LockClass {
    /** The checkpoint and pause machinery of the kernel. */
    CHECKPOINT,
    /** The list of containers, and what they share by name. */
    CONTAINERS,
    /**
     * Trees of computed names and positions in them (proc, sys): what is listed there is found
     * under any of the locks below.
     */
    SYNTHETIC,
    /** Futex words that pass from owner to waiter: word and queue change together. */
    PI_FUTEX,
    /** One POSIX timer while it tells of an expiry, or is being deleted. */
    TIMER_EXPIRY,
    /** One stopped tracee, while its tracer looks into it or changes it. */
    TRACEE,
    /**
     * The task tree: PID namespaces, parents and children, process groups, sessions, thread lists.
     */
    TASK_SET,
    /** All control groups: trees, settings, and how many tasks are where. */
    CGROUP,
    /** Signal handlers and pending signals of a thread group and its tasks. */
    SIGNAL_HANDLERS,
    /** One task's own small state. */
    TASK,
    /** A descriptor table. */
    FD_TABLE,
    /** A file-system context: root, working directory, umask. */
    FS_CONTEXT,
    /** Mount tree and mount namespaces. */
    MOUNT_TREE,
    /** A whole file system's tree during rename and walk. */
    FILE_SYSTEM,
    /** Epoll instances; nested instances are locked from the watching to the watched one. */
    EPOLL,
    /** One directory entry. */
    DENTRY,
    /** One file description's position and flags. */
    FILE_DESCRIPTION,
    /** One inode: attributes, contents, record locks. Two inodes only in inode number order. */
    INODE,
    /** Pipes, sockets, eventfds: one object's buffer. Two sockets only in creation order. */
    CHANNEL,
    /** The areas of one address space. Two only parent before child, in fork. */
    MAPPINGS,
    /** One IPC namespace with all that is in it: also while an address space gives up a segment. */
    IPC,
    /** Cached file pages and their users. */
    PAGES,
    /** Futex buckets. Two only in key order. */
    FUTEX,
    /** The memory file's allocator. */
    MEMORY_FILE,
    /** What one address space's stub is asked to do, and whether it still can. */
    STUB_REQUESTS,
    /** Host-side platform bookkeeping. */
    PLATFORM,
    /** Connections to gofers. */
    GOFER,
    /** The id maps of a user namespace. */
    USER_NAMESPACE,
    /** Timers and clocks. */
    TIMER,
    /** A wait queue. Innermost: its callbacks take no lock but a later wait queue's. */
    WAIT_QUEUE
}
