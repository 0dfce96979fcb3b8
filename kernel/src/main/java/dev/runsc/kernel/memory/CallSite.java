package dev.runsc.kernel.memory;

import dev.runsc.kernel.platform.stub.SyscallRewriter;

/**
 * A rewritten call site.
 *
 * @param address of its first byte
 * @param number the call that it makes
 */
public record CallSite(long address, int number) {
    /** The {@code syscall} instruction. */
    public long call() {
        return address + SyscallRewriter.CALL_OFFSET;
    }
}
