/**
 * Tests of the scripts around the product: the launcher {@code runsc} and the build it starts. They
 * run copies of the real scripts in a folder of their own, where the JVM and Maven are stand-ins
 * that record how they were called.
 */
@NullMarked
package dev.runsc.launcher;

import org.jspecify.annotations.NullMarked;
