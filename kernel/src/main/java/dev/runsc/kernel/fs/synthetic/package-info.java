/**
 * Files whose contents are made when they are read, from live objects (Linux kernfs and seq_file):
 * the base of proc, sys and their like.
 *
 * <p>{@link dev.runsc.kernel.fs.synthetic.SyntheticFileSystem} is the instance; {@link
 * dev.runsc.kernel.fs.synthetic.SyntheticDirectory} has fixed children and may find others as they
 * are asked for ({@code findDynamic}, {@code listDynamic}); {@link
 * dev.runsc.kernel.fs.synthetic.SyntheticFile} shows a {@link
 * dev.runsc.kernel.fs.synthetic.ContentSource}; {@link dev.runsc.kernel.fs.synthetic.SyntheticLink}
 * is a link with a computed target, and proc's magic links extend it.
 *
 * <p>Sources are saved with the open files that use them, so they are types (best: enums and
 * records), never lambdas. An open file keeps the text it made at its first read, until it is read
 * from the start again. Inodes found dynamically should be made with a number that depends on what
 * they show alone, so that two lookups agree.
 */
@NullMarked
package dev.runsc.kernel.fs.synthetic;

import org.jspecify.annotations.NullMarked;
