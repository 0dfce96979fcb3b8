/**
 * What crosses from a command into a sandbox, as JSON: the kernel's container and process specs,
 * and the boot document.
 *
 * <p>{@link dev.runsc.cli.wire.SpecCodec} and {@link dev.runsc.cli.wire.BootDocument} each write
 * and read one thing, so that both sides agree by construction. Descriptors travel beside the text:
 * the boot document names them by number, requests by position. Values only; nothing is saved from
 * here.
 */
@NullMarked
package dev.runsc.cli.wire;

import org.jspecify.annotations.NullMarked;
