/**
 * File systems against the host's: {@link dev.runsc.kernel.fs.TreeTorture} carries out random
 * operations on a tree of ours and on a directory of the host and compares every answer, then the
 * trees.
 */
@NullMarked
package dev.runsc.kernel.fs;

import org.jspecify.annotations.NullMarked;
