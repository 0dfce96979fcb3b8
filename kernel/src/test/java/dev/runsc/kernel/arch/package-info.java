/**
 * The layers of the kernel, held by tests: {@link dev.runsc.kernel.arch.Layers} is the list, lowest
 * first. An upper layer may use a lower one, never back, and no packages form a cycle.
 */
@org.jspecify.annotations.NullMarked
package dev.runsc.kernel.arch;
