/**
 * The tidy test: reads every file of the checkout once and reports what breaks a house rule that
 * neither the compiler nor the formatter can hold, as {@code file:line: rule: what and what
 * instead}.
 *
 * <p>{@link dev.runsc.tidy.SourceTree} reads, {@link dev.runsc.tidy.TextRules}, {@link
 * dev.runsc.tidy.LengthRules} and {@link dev.runsc.tidy.DocRules} judge, {@link
 * dev.runsc.tidy.Ratchet} forgives what stands in {@code tidy-ratchet.txt}, a list that may only
 * shrink. The rules have tests of their own.
 */
@NullMarked
package dev.runsc.tidy;

import org.jspecify.annotations.NullMarked;
