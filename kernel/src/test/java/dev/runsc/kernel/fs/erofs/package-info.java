/** Tests of EROFS: images that mkfs.erofs makes, images made by hand, and damaged ones. */
@NullMarked
package dev.runsc.kernel.fs.erofs;

import org.jspecify.annotations.NullMarked;
