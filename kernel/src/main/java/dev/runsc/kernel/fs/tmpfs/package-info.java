/**
 * tmpfs: a file system in memory (Linux mm/shmem.c, fs/libfs.c), also the upper layer of overlays
 * and the home of memfd_create(2) files.
 *
 * <p>{@link dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem} makes inodes; {@link
 * dev.runsc.kernel.fs.tmpfs.TmpfsFile} is a regular file, whose bytes lie in the sandbox's memory
 * file in extents that {@link dev.runsc.kernel.fs.tmpfs.PageStore} keeps, so that mmap maps them in
 * place; {@link dev.runsc.kernel.fs.tmpfs.TmpfsDirectory} is a directory with positions that stay
 * good while it changes.
 *
 * <p>{@link dev.runsc.kernel.fs.tmpfs.TreeWriter} and {@link dev.runsc.kernel.fs.tmpfs.TreeReader}
 * carry a tree into another sandbox, without open files and without the object graph.
 *
 * <p>Contents are freed when the last name, open description and mapping are gone. Locks: the
 * inode's lock around every change of contents, then, inside the page store, PAGES; page faults
 * take PAGES alone. All of it is saved; the bytes themselves are pages of the memory file.
 */
@NullMarked
package dev.runsc.kernel.fs.tmpfs;

import org.jspecify.annotations.NullMarked;
