/**
 * Who a task is and what it may do (credentials(7), capabilities(7), user_namespaces(7)).
 *
 * <p>{@link dev.runsc.kernel.auth.Credentials} are immutable values; all their ids are those of the
 * first user namespace ("kernel ids"), and so are those of files, messages and processes. {@link
 * dev.runsc.kernel.auth.UserNamespace} says by an {@link dev.runsc.kernel.auth.IdMap} how they read
 * inside: ids are translated where system calls take and give them, nowhere else. {@link
 * dev.runsc.kernel.auth.IdMapWriter} has the rules for who sets the maps.
 *
 * <p>A capability is asked for over something: {@code has} over the whole sandbox (Linux {@code
 * capable}), {@code hasIn} over what a user namespace owns ({@code ns_capable}), {@code hasOver}
 * over a file ({@code capable_wrt_inode_uidgid}), {@code hasOwn} over the caller's own namespace.
 * When in doubt it is {@code has}, which nobody below the first namespace passes.
 *
 * <p>Used by every layer above. Saved whole; a namespace's maps are guarded by its own lock.
 */
package dev.runsc.kernel.auth;
