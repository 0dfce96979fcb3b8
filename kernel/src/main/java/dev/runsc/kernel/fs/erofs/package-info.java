/**
 * EROFS, read-only (Linux Documentation/filesystems/erofs.rst, fs/erofs/erofs_fs.h): images that
 * are not compressed, on one device.
 *
 * <p>{@link dev.runsc.kernel.fs.erofs.ErofsFileSystem} is an instance over an {@link
 * dev.runsc.kernel.fs.erofs.ErofsImage}, a file of the host that somebody else has opened: the
 * container's gofer, or who mounts it while the container runs. Contents are read from that
 * descriptor, and mapped from it where they lie page by page; what does not is copied for as long
 * as somebody maps it.
 *
 * <p><b>The image is not trusted.</b> Every offset, count and length is compared with the size of
 * the file before it is used, whatever was checked before, for the file may change too. What makes
 * no sense is EUCLEAN, as in Linux, or EIO when bytes are missing; what takes memory is bounded by
 * the size of a block, a name or an attribute. A directory has one parent, so there are no loops.
 *
 * <p>A saved kernel has the superblock, and the attributes of the files in use; a restore takes an
 * image with the same superblock and no other. Locks: the tree lock of the instance around lookups
 * as everywhere; the table of inodes in use has one of class GOFER, copies of pages one of class
 * PAGES.
 */
@NullMarked
package dev.runsc.kernel.fs.erofs;

import org.jspecify.annotations.NullMarked;
