package dev.runsc.snapshot;

import dev.runsc.snapshot.internal.ChunkSaver.SavedStream;
import dev.runsc.snapshot.internal.PackWriter;
import dev.runsc.snapshot.internal.Publisher;
import dev.runsc.snapshot.internal.StoreLock;
import dev.runsc.snapshot.internal.StreamSaver;
import dev.runsc.snapshot.model.ByteRange;
import dev.runsc.snapshot.model.SnapshotDescription;
import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotManifest;
import dev.runsc.snapshot.model.StreamInfo;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * A snapshot in the making. Everything given to it is written at once; {@link #publish} makes it a
 * snapshot, and closing without publishing leaves no trace of it.
 */
public final class SnapshotWriter implements AutoCloseable {
    private final Publisher publisher;
    private final StoreLock.Held lease;
    private final PackWriter pack;
    private final List<SavedStream> streams = new ArrayList<>();
    private boolean done;

    SnapshotWriter(Publisher publisher, StoreLock.Held lease, PackWriter pack) {
        this.publisher = publisher;
        this.lease = lease;
        this.pack = pack;
    }

    /** Saves the encoded object graph, read to the end of the stream. */
    public StreamInfo objects(InputStream in) throws IOException {
        requireNew(StreamInfo.Kind.OBJECTS, StreamSaver.OBJECTS);
        return add(StreamSaver.stream(pack, streams.size(), in));
    }

    /** Saves the encoded object graph. */
    public StreamInfo objects(MemorySegment bytes) throws IOException {
        requireNew(StreamInfo.Kind.OBJECTS, StreamSaver.OBJECTS);
        return add(StreamSaver.objects(pack, streams.size(), bytes));
    }

    /**
     * Saves a memory file through a descriptor. Only the ranges are read, so holes stay holes.
     *
     * @param region name, unique in the snapshot
     * @param file the memory file; it must not change meanwhile
     * @param lengthBytes its length, holes included
     * @param ranges the parts that hold data, rising and apart
     */
    public StreamInfo memory(
            String region, FileChannel file, long lengthBytes, List<ByteRange> ranges)
            throws IOException {
        requireNew(StreamInfo.Kind.MEMORY, region);
        return add(StreamSaver.memory(pack, streams.size(), region, file, lengthBytes, ranges));
    }

    /** Saves mapped memory; for the rest like {@link #memory(String, FileChannel, long, List)}. */
    public StreamInfo memory(String region, MemorySegment mapped, List<ByteRange> ranges)
            throws IOException {
        requireNew(StreamInfo.Kind.MEMORY, region);
        return add(StreamSaver.memory(pack, streams.size(), region, mapped, ranges));
    }

    /**
     * How much of what was given has been taken so far, zeros of ranges included; any thread asks.
     */
    public long takenBytes() {
        return pack.takenBytes();
    }

    /** Makes it the newest snapshot of the store, durably; the writer is then done. */
    public SnapshotManifest publish(SnapshotDescription description) throws SnapshotException {
        if (done) {
            throw new IllegalStateException("the snapshot is published or given up");
        }
        if (description.name() != null) {
            Publisher.requireName(description.name());
        }
        try {
            return publisher.publish(pack, streams, description);
        } finally {
            close();
        }
    }

    /** Gives the snapshot up unless it is published; removes its temporary files. */
    @Override
    public void close() throws SnapshotException {
        if (done) {
            return;
        }
        done = true;
        try {
            pack.close();
        } finally {
            lease.close();
        }
    }

    private StreamInfo add(SavedStream stream) {
        streams.add(stream);
        return stream.info();
    }

    private void requireNew(StreamInfo.Kind kind, String name) {
        if (done) {
            throw new IllegalStateException("the snapshot is published or given up");
        }
        for (SavedStream stream : streams) {
            if (stream.info().kind() == kind && stream.info().name().equals(name)) {
                throw new IllegalStateException("the snapshot has " + name + " already");
            }
        }
    }
}
