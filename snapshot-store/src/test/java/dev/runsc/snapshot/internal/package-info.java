/**
 * Tests of the store's inner parts, and {@code StoreBenchmark}, which prints the figures that
 * docs/snapshot-format.md quotes.
 */
@NullMarked
package dev.runsc.snapshot.internal;

import org.jspecify.annotations.NullMarked;
