/** Tests of trace sessions. */
@org.jspecify.annotations.NullMarked
package dev.runsc.cli.trace;
