/** Tests of tasks. */
@org.jspecify.annotations.NullMarked
package dev.runsc.kernel.task;
