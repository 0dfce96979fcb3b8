/**
 * The overlay file system: read-only layers with a writable one on top (Linux fs/overlayfs).
 *
 * <p>{@link dev.runsc.kernel.fs.overlay.UpperEntry} tells what an upper tree has, {@link
 * dev.runsc.kernel.fs.overlay.UpperTreeReader} makes one from an archive of that.
 *
 * <p>{@link dev.runsc.kernel.fs.overlay.OverlayFileSystem} joins an upper directory tree (tmpfs)
 * with lower ones (usually a gofer's). {@link dev.runsc.kernel.fs.overlay.OverlayDirectory} merges
 * directories, {@link dev.runsc.kernel.fs.overlay.OverlayFile} is a regular file of either side,
 * {@link dev.runsc.kernel.fs.overlay.OverlayOther} the rest. The first change of a lower file
 * copies it up ({@link dev.runsc.kernel.fs.overlay.CopyUp}). Removed lower names are covered by
 * whiteouts (device 0/0) in the upper tree, directories that cover all below are opaque ({@code
 * trusted.overlay.opaque}), and a copied-up file remembers its number ({@code
 * trusted.overlay.origin}), as in Linux, so that upper trees keep their meaning.
 *
 * <p>Unlike Linux, open files and mappings made before a copy-up see the copied-up file afterwards.
 * Directories with a lower part cannot be renamed (EXDEV), as in Linux without redirect_dir.
 *
 * <p>Locks: the overlay's tree lock around lookups, changes and copy-ups; the layers' own locks
 * below it. Layers are reached by inodes alone, without dentries. All is saved but the table that
 * finds overlay inodes by those of the layers.
 */
@NullMarked
package dev.runsc.kernel.fs.overlay;

import org.jspecify.annotations.NullMarked;
