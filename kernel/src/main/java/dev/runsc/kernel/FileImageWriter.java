package dev.runsc.kernel;

import dev.runsc.kernel.fs.overlay.OverlayFileSystem;
import dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem;
import dev.runsc.kernel.fs.tmpfs.TreeWriter;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes file systems as an image: their trees as records, one behind the other, and an index of
 * them. The bytes of files stay where they are, in the memory file; records say where.
 *
 * <pre>
 *   MAGIC(8) FORMAT(4) {tree} index MAGIC(8) offset of the index(8)
 *   index    count(4) {container(2+n) path(2+n) volume(2+n) offset(8) length(8)}
 * </pre>
 */
final class FileImageWriter {
    static final long MAGIC = 0x72756e7363667331L; // "runscfs1"
    static final int FORMAT = 1;

    /** The end: a mark and where the index is. */
    static final int TAIL_BYTES = 16;

    private final Counting counting;
    private final DataOutputStream out;
    private final MemoryPieces pieces = new MemoryPieces();
    private final List<Section> sections = new ArrayList<>();

    /**
     * One file system in an image.
     *
     * @param container name of the container that mounts it
     * @param path where it does
     * @param volume the name under which containers share it; empty for one container's own
     * @param offset of its tree in the records
     * @param lengthBytes of that
     */
    record Section(String container, String path, String volume, long offset, long lengthBytes) {}

    FileImageWriter(OutputStream records) throws IOException {
        counting = new Counting(new BufferedOutputStream(records, 1 << 16));
        out = new DataOutputStream(counting);
        out.writeLong(MAGIC);
        out.writeInt(FORMAT);
    }

    void add(String container, String path, String volume, TmpfsFileSystem tree)
            throws IOException {
        long start = counting.count;
        new TreeWriter(out, pieces::add, OverlayFileSystem::isBoundToLower).write(tree);
        sections.add(new Section(container, path, volume, start, counting.count - start));
    }

    /**
     * Writes the index.
     *
     * @return what the image has of the memory file
     */
    MemoryPieces finish() throws IOException {
        long index = counting.count;
        out.writeInt(sections.size());
        for (Section section : sections) {
            text(section.container);
            text(section.path);
            text(section.volume);
            out.writeLong(section.offset);
            out.writeLong(section.lengthBytes);
        }
        out.writeLong(MAGIC);
        out.writeLong(index);
        out.flush();
        return pieces;
    }

    private void text(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    /** Counts bytes further than an int does. */
    private static final class Counting extends FilterOutputStream {
        private long count;

        Counting(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            count++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            count += length;
        }
    }
}
