/**
 * Files of the host, served by the container's gofer: bind mounts, and the lower layer of the root.
 *
 * <p>{@link dev.runsc.kernel.fs.gofer.GoferFileSystem} is one mount of a gofer, found by name among
 * {@link dev.runsc.kernel.fs.gofer.GoferConnections}. Its inodes are names relative to the mount;
 * the numbers the gofer knows them by are fetched when needed and given up again when there are too
 * many. Regular files are read, written and mapped by the host descriptors the gofer donates.
 *
 * <p>An image holds mount names, paths and attributes, nothing of the host. After a restore files
 * in use are opened again at once, the rest when asked for; a file that is gone or of another kind
 * fails the restore by name. Files open without a name have their contents in the image.
 *
 * <p>An <em>exclusive</em> mount is changed by nobody else: names, missing names and attributes are
 * kept. In a <em>shared</em> one every walk asks again. Locks: the tree lock as everywhere; each
 * inode's lock of class GOFER around what is fetched, taken from child to parent; asking the gofer
 * holds no later lock.
 */
@NullMarked
package dev.runsc.kernel.fs.gofer;

import org.jspecify.annotations.NullMarked;
