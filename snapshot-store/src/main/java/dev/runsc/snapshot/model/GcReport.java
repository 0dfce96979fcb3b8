package dev.runsc.snapshot.model;

/**
 * What a collection removed.
 *
 * @param chunksRemoved chunks that no snapshot needs
 * @param chunksKept chunks that are still there
 * @param packsRemoved packs dropped whole
 * @param packsRewritten packs rewritten without their dead chunks
 * @param bytesFreed difference of the database's size on disk
 * @param leftoversRemoved half-written files of commands that died
 * @param spaceFreed false when a restore under way still reads: the bytes go with a later change
 */
public record GcReport(
        long chunksRemoved,
        long chunksKept,
        int packsRemoved,
        int packsRewritten,
        long bytesFreed,
        int leftoversRemoved,
        boolean spaceFreed) {}
