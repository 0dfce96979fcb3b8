package dev.runsc.kernel;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FallocateModes;
import dev.runsc.gofer.abi.KernelLimits;
import dev.runsc.gofer.host.FdInput;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.FileImageWriter.Section;
import dev.runsc.kernel.fs.overlay.OverlayFileSystem;
import dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem;
import dev.runsc.kernel.fs.tmpfs.TreeReader;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An image of file systems ({@link FileImageWriter}), for a container that is being made. It may
 * come from anybody.
 */
public final class FileImage extends FileSource {
    private static final int SECTIONS_MAX = 1 << 16;
    private static final int INDEX_BYTES_MAX = 64 << 20;

    private final HostFd records;
    private final HostFd contents;
    private @Nullable List<Section> sections;
    private final Set<Section> used = Collections.newSetFromMap(new IdentityHashMap<>());

    /**
     * @param records what {@link Kernel#saveFiles} has written; closed with the image
     * @param contents a file in memory that has the pieces of the memory file, each where it was;
     *     what has been read of it is freed. Closed with the image
     */
    public FileImage(HostFd records, HostFd contents) {
        this.records = records;
        this.contents = contents;
    }

    @Override
    void fill(String container, String path, String volume, TmpfsFileSystem tree)
            throws KernelException {
        Section section = find(container, path, volume);
        if (section == null) {
            return;
        }
        if (!used.add(section)) {
            throw new KernelException(
                    "cannot restore files of " + path + ": two file systems are mounted there");
        }
        try (DataInputStream in =
                new DataInputStream(
                        new FdInput(records, section.offset(), section.lengthBytes()))) {
            new TreeReader(in, new Pieces(contents), OverlayFileSystem::isBoundToLower).read(tree);
            if (in.read() >= 0) {
                throw new IOException("the image is damaged: more than a tree");
            }
        } catch (EOFException e) {
            throw failed(path, "the image is damaged: it ends early", e);
        } catch (IOException e) {
            throw failed(path, String.valueOf(e.getMessage()), e);
        } catch (ErrnoException e) {
            throw failed(path, e.errno().message(), e);
        }
    }

    @Override
    void isThere(String container, String path, String volume) throws KernelException {
        Section section = find(container, path, volume);
        if (section != null) {
            used.add(section);
        }
    }

    @Override
    void requireUsed(String container) throws KernelException {
        for (Section section : sections()) {
            if (section.container().equals(container) && !used.contains(section)) {
                throw new KernelException(
                        "cannot restore files: the image has "
                                + section.path()
                                + " of this container, which is not in memory here");
            }
        }
        if (used.isEmpty()) {
            throw new KernelException(
                    "cannot restore files: the image has nothing of container " + container);
        }
    }

    private @Nullable Section find(String container, String path, String volume)
            throws KernelException {
        for (Section section : sections()) {
            boolean same =
                    volume.isEmpty()
                            ? section.container().equals(container) && section.path().equals(path)
                            : section.volume().equals(volume);
            if (same && section.volume().isEmpty() == volume.isEmpty()) {
                return section;
            }
        }
        return null;
    }

    private static KernelException failed(String path, String why, Exception cause) {
        return new KernelException("cannot restore files of " + path + ": " + why, cause);
    }

    // ---- the index

    private List<Section> sections() throws KernelException {
        List<Section> known = sections;
        if (known == null) {
            try {
                known = readIndex();
            } catch (EOFException e) {
                throw new KernelException("cannot restore files: the image ends early", e);
            } catch (IOException | ErrnoException e) {
                throw new KernelException("cannot restore files: " + e.getMessage(), e);
            }
            sections = known;
        }
        return known;
    }

    private List<Section> readIndex() throws IOException, ErrnoException {
        long size = HostFiles.fstat(records.number()).size();
        long tail = size - FileImageWriter.TAIL_BYTES;
        DataInputStream head = new DataInputStream(new FdInput(records, 0, size));
        if (tail < 0 || head.readLong() != FileImageWriter.MAGIC) {
            throw new IOException("not an image of file systems");
        }
        int format = head.readInt();
        if (format != FileImageWriter.FORMAT) {
            throw new IOException("image of format " + format + ", not " + FileImageWriter.FORMAT);
        }
        DataInputStream end =
                new DataInputStream(new FdInput(records, tail, FileImageWriter.TAIL_BYTES));
        long mark = end.readLong();
        long at = end.readLong();
        if (mark != FileImageWriter.MAGIC || at < 0 || at > tail || tail - at > INDEX_BYTES_MAX) {
            throw new IOException("the image has no index");
        }
        DataInputStream in = new DataInputStream(new FdInput(records, at, tail - at));
        int count = in.readInt();
        if (count < 0 || count > SECTIONS_MAX) {
            throw new IOException("the image is damaged: " + count + " file systems");
        }
        List<Section> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Section section =
                    new Section(text(in), text(in), text(in), in.readLong(), in.readLong());
            long start = section.offset();
            if (start < 0 || section.lengthBytes() < 0 || section.lengthBytes() > at - start) {
                throw new IOException("the image is damaged: place of " + i);
            }
            found.add(section);
        }
        return found;
    }

    /** What may stand in a line for people. */
    private static String text(DataInputStream in) throws IOException {
        int length = in.readUnsignedShort();
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (length > KernelLimits.PATH_MAX || text.chars().anyMatch(Character::isISOControl)) {
            throw new IOException("the image is damaged: a name of " + length + " bytes");
        }
        return text;
    }

    @Override
    public void close() {
        records.close();
        contents.close();
    }

    // ---- files of the host

    /** The pieces of the memory file. */
    private record Pieces(HostFd file) implements TreeReader.Contents {
        @Override
        public long nextData(long from, long to) throws ErrnoException {
            long found = HostFiles.seekData(file.number(), from);
            return found < 0 || found > to ? to : found;
        }

        @Override
        public long nextHole(long from, long to) throws ErrnoException {
            return Math.min(to, HostFiles.seekHole(file.number(), from));
        }

        @Override
        public int read(long offset, MemorySegment target) throws ErrnoException {
            return (int) HostFiles.pread(file.number(), target, offset);
        }

        @Override
        public void drop(long offset, long lengthBytes) throws ErrnoException {
            int mode = FallocateModes.FALLOC_FL_PUNCH_HOLE | FallocateModes.FALLOC_FL_KEEP_SIZE;
            HostFiles.fallocate(file.number(), mode, offset, lengthBytes);
        }
    }
}
