package dev.runsc.snapshot.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A published snapshot.
 *
 * @param formatVersion version of the snapshot's own layout, see docs/snapshot-format.md
 * @param id 32 hexadecimal digits: the head of the SHA-256 of the stored manifest, which in turn
 *     holds the hash of every page map, which hold those of the chunks
 * @param sequence rises with every snapshot of the store; the newest has the highest
 * @param createdAtMillis wall clock at publishing, since 1970
 * @param description what the saver said
 * @param streams objects and memory regions
 */
public record SnapshotManifest(
        int formatVersion,
        String id,
        long sequence,
        long createdAtMillis,
        SnapshotDescription description,
        List<StreamInfo> streams) {

    public SnapshotManifest {
        streams = List.copyOf(streams);
    }

    public @Nullable String name() {
        return description.name();
    }

    /** Bytes that this snapshot added to the store. */
    public long newStoredBytes() {
        return streams.stream().mapToLong(StreamInfo::newStoredBytes).sum();
    }

    /** Bytes of its content that are not zero chunks, before compression and sharing. */
    public long dataBytes() {
        return streams.stream().mapToLong(StreamInfo::dataBytes).sum();
    }
}
