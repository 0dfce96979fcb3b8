/** Tests of proc and sys. */
@NullMarked
package dev.runsc.kernel.fs.proc;

import org.jspecify.annotations.NullMarked;
