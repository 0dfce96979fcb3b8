/**
 * The virtual file system: what Linux keeps in fs/namei.c, fs/open.c, fs/namespace.c, fs/file.c and
 * fs/locks.c.
 *
 * <p>{@link dev.runsc.kernel.vfs.Inode} is a file, {@link dev.runsc.kernel.vfs.Dentry} a name of
 * it, {@link dev.runsc.kernel.vfs.Mount} a file system's place in the tree, {@link
 * dev.runsc.kernel.vfs.Location} a dentry seen through a mount, {@link
 * dev.runsc.kernel.vfs.FileDescription} an open file and {@link dev.runsc.kernel.vfs.FdTable} the
 * descriptors of a process. {@link dev.runsc.kernel.vfs.PathWalk} resolves paths, {@link
 * dev.runsc.kernel.vfs.PathOperations} and {@link dev.runsc.kernel.vfs.Opener} are the calls that
 * take them. Concrete file systems extend {@link dev.runsc.kernel.vfs.FileSystem} and {@link
 * dev.runsc.kernel.vfs.Inode}; those that live in memory start from {@link
 * dev.runsc.kernel.vfs.MemoryInode}.
 *
 * <p><b>Names.</b> Linux names are bytes, not text. Paths and names are Strings in ISO-8859-1: one
 * char per byte ({@link dev.runsc.kernel.vfs.RawName} converts). Printing one for a person needs a
 * conversion first.
 *
 * <p><b>Locks.</b> Every file system has one tree lock (FILE_SYSTEM). It is held around each
 * directory operation of an inode (lookup, create, link, unlink, rename) and each change of the
 * dentries that mirror it; reading dentries takes no lock. An inode's own lock (INODE) guards
 * attributes and contents. The mount tree has one lock (MOUNT_TREE), taken before any tree lock.
 * Open files lock their position (FILE_DESCRIPTION) around the inode's.
 *
 * <p><b>Images.</b> Everything is saved except the cache of dentries: a dentry holds its parent, a
 * parent only weakly its children, so an image has just the dentries that something uses, and they
 * enroll themselves again after a restore.
 */
@NullMarked
package dev.runsc.kernel.vfs;

import org.jspecify.annotations.NullMarked;
