package dev.runsc.snapshot.model;

import java.util.List;

/**
 * What a full check of a store found.
 *
 * @param snapshots snapshots looked at
 * @param chunks distinct chunks read and hashed
 * @param chunkBytes their bytes before compression
 * @param problems one line each, at most a hundred; empty when all is well
 */
public record VerifyReport(int snapshots, long chunks, long chunkBytes, List<String> problems) {
    public VerifyReport {
        problems = List.copyOf(problems);
    }

    public boolean ok() {
        return problems.isEmpty();
    }
}
