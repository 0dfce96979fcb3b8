/**
 * The Linux x86-64 ABI: error numbers, the constants of the uapi headers (one class for each family
 * of calls) and the structs that cross the system call boundary.
 *
 * <p>This package imports nothing of ours and may be used by everybody. Constants keep the spelling
 * of Linux. Structs are records that know their size ({@code BYTES}) and their layout: {@code
 * readFrom} takes one from the position of a little-endian buffer, {@code writeTo} puts one there.
 * Nobody else knows an offset.
 *
 * <p>Main types: {@link dev.runsc.gofer.abi.Errno}, {@link dev.runsc.gofer.abi.ErrnoException},
 * {@link dev.runsc.gofer.abi.Stat}, {@link dev.runsc.gofer.abi.AbiStruct}.
 *
 * <p>Everything is immutable: no locks, nothing to save. A test compares each value, size and
 * offset with the headers of the machine through a compiled C program, and with a golden file where
 * there is no compiler.
 */
@NullMarked
package dev.runsc.gofer.abi;

import org.jspecify.annotations.NullMarked;
