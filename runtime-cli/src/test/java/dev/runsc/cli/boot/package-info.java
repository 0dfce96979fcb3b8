/** Tests of what a sandbox answers. */
@org.jspecify.annotations.NullMarked
package dev.runsc.cli.boot;
