package dev.runsc.snapshot.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/** A stream from front to back; holes between chunks read as zeros. */
public final class ChunkInputStream extends InputStream {
    private final ChunkLoader loader;
    private final PageMap map;
    private final long lengthBytes;
    private long position;

    /** Entry that is loaded, or comes next. */
    private int entry;

    private ByteBuffer loaded = ByteBuffer.allocate(0);

    private boolean isLoaded;

    public ChunkInputStream(ChunkLoader loader, PageMap map, long lengthBytes) {
        this.loader = loader;
        this.map = map;
        this.lengthBytes = lengthBytes;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int at, int length) throws IOException {
        Objects.checkFromIndexSize(at, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (position == lengthBytes) {
            return -1;
        }
        long start = entry < map.count() ? map.offset(entry) : lengthBytes;
        int count;
        if (position < start) {
            count = (int) Math.min(length, start - position);
            Arrays.fill(target, at, at + count, (byte) 0);
        } else {
            if (!isLoaded) {
                loaded = loader.load(map, entry);
                isLoaded = true;
            }
            count = Math.min(length, loaded.remaining());
            loaded.get(target, at, count);
            if (!loaded.hasRemaining()) {
                isLoaded = false;
                entry++;
            }
        }
        position += count;
        return count;
    }

    @Override
    public int available() {
        return isLoaded ? loaded.remaining() : 0;
    }
}
