/**
 * Tests of the snapshot store against real directories, processes and damage.
 *
 * <p>{@code TestData} makes content; {@code StoreProcess} is the program that tests start as
 * further processes. Nothing is mocked. Tests that need root say so when they cannot run.
 */
@NullMarked
package dev.runsc.snapshot;

import org.jspecify.annotations.NullMarked;
