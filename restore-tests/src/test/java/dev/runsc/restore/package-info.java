/**
 * Runs the built artifact as its users do: guest programs from one source in several modes, the
 * life of snapshots, and what must happen when something is wrong.
 *
 * <p>{@link dev.runsc.restore.GuestsTest} runs every program of {@code src/guest/c} natively, in
 * the sandbox, saved and restored, and saved and left running; {@link
 * dev.runsc.restore.RandomMomentsTest} saves and restores at random moments. What does not work yet
 * stands in {@code known-gaps.txt}. {@code -Dguests=pipes/,files/append} runs some programs only,
 * {@code -Dmodes=restore} some modes.
 */
@NullMarked
package dev.runsc.restore;

import org.jspecify.annotations.NullMarked;
