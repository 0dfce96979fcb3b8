/**
 * Devices: {@link dev.runsc.kernel.fs.dev.MemoryDevice} is null, zero, full, random and urandom.
 * Open device files are saved as which device and where; they have no other state.
 */
package dev.runsc.kernel.fs.dev;
