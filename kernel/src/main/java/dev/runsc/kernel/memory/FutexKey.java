package dev.runsc.kernel.memory;

import dev.runsc.state.Savable;

/**
 * What identifies a futex word (Linux {@code union futex_key}): the same word reached through two
 * mappings has one key.
 *
 * @param scope the address space for private memory, the mapped object for shared memory; compared
 *     by identity
 * @param offset the address, or the byte offset into the mapped object
 */
public record FutexKey(Savable scope, long offset) implements Savable {}
