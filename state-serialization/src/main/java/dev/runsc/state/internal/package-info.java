/**
 * The image format and the mechanisms below the object graph. Knows kinds of types and bytes, not
 * the rules of {@code dev.runsc.state}, which alone may call it.
 *
 * <p>Main types: {@link dev.runsc.state.internal.Image} (the parts of one image and their framing),
 * {@link dev.runsc.state.internal.Wire} (how single values are written) and {@link
 * dev.runsc.state.internal.FieldSlot} (fast access to one field). No locks; nothing is saved.
 *
 * <p>An image is
 *
 * <pre>
 *   magic              8 bytes
 *   format version     4 bytes, little endian, as all fixed numbers here
 *   directory length   4 bytes
 *   directory CRC32C   4 bytes, of the directory and the three fields before it
 *   directory          counts, root id, type table, list of blocks
 *   blocks             one after another, each with its CRC32C in the directory
 * </pre>
 *
 * <p>Objects have ids from 0 without gaps. There are three streams, each cut into blocks of about
 * 64 KiB at object boundaries; a block knows the id of its first object, so that one object can be
 * found without the others:
 *
 * <ol>
 *   <li>{@code OBJECTS}: for every id its type and what is needed to make it. Values (strings,
 *       records, primitive arrays, immutable collections ...) stand here in full and refer only to
 *       smaller ids, so one pass in id order can build them.
 *   <li>{@code FIELDS}: for every object that is made empty first, in id order, its fields or
 *       elements.
 *   <li>{@code ENTRIES}: the same for sets and maps, which are filled last, because hashing and
 *       comparing a key needs the key complete.
 * </ol>
 *
 * <p>A reference is a variable-length integer: 0 is null, 1 announces a boxed primitive in place,
 * any other number is the id plus 2.
 */
@NullMarked
package dev.runsc.state.internal;

import org.jspecify.annotations.NullMarked;
