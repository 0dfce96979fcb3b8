package dev.runsc.kernel.fs.erofs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.Mappable.InMemory;
import dev.runsc.kernel.memory.MemoryFile;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.Savable;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Pages of a file that do not lie in the image as pages, in the memory file, for as long as the
 * file is mapped. Holes take no memory until they are touched.
 */
final class CopiedPages implements Savable, AfterRestore {
    private static final Cleaner CLEANER = Cleaner.create();

    /** What is held, apart from who holds it: freed when that is gone. */
    static final class Pieces implements Savable, Runnable {
        final KernelLock lock = new KernelLock(LockClass.PAGES);
        final MemoryFile memoryFile;

        /** By offset in the file, apart from each other. */
        @GuardedBy("lock")
        final TreeMap<Long, Piece> all = new TreeMap<>();

        Pieces(MemoryFile memoryFile) {
            this.memoryFile = memoryFile;
        }

        @Override
        public void run() {
            lock.lock();
            try {
                for (Piece piece : all.values()) {
                    memoryFile.release(piece.memoryOffset, piece.lengthBytes);
                }
                all.clear();
            } finally {
                lock.unlock();
            }
        }
    }

    record Piece(long memoryOffset, long lengthBytes) implements Savable {}

    private final Pieces pieces;

    CopiedPages(MemoryFile memoryFile) {
        pieces = new Pieces(memoryFile);
        CLEANER.register(this, pieces);
    }

    @Override
    public void afterRestore(RestoreContext context) {
        CLEANER.register(this, pieces);
    }

    /** What fills a copy. */
    interface Filler {
        void fill(MemorySegment target) throws ErrnoException;
    }

    /**
     * The copy of some bytes, made if there is none.
     *
     * @param offset of a page
     * @param lengthBytes of whole pages
     * @param filler null where all bytes are zero
     */
    InMemory find(long offset, long lengthBytes, @Nullable Filler filler) throws ErrnoException {
        pieces.lock.lock();
        try {
            return findLocked(offset, lengthBytes, filler);
        } finally {
            pieces.lock.unlock();
        }
    }

    @GuardedBy("pieces.lock")
    private InMemory findLocked(long offset, long lengthBytes, @Nullable Filler filler)
            throws ErrnoException {
        Map.Entry<Long, Piece> before = pieces.all.floorEntry(offset);
        if (before != null && offset < before.getKey() + before.getValue().lengthBytes) {
            Piece piece = before.getValue();
            long inside = offset - before.getKey();
            return new InMemory(
                    piece.memoryOffset + inside, Math.min(lengthBytes, piece.lengthBytes - inside));
        }
        Long next = pieces.all.higherKey(offset);
        long length = next == null ? lengthBytes : Math.min(lengthBytes, next - offset);
        long at = pieces.memoryFile.allocate(length);
        boolean good = false;
        try {
            if (filler != null) {
                filler.fill(pieces.memoryFile.segment(at, length));
            }
            good = true;
        } finally {
            if (!good) {
                pieces.memoryFile.release(at, length);
            }
        }
        pieces.all.put(offset, new Piece(at, length));
        return new InMemory(at, length);
    }

    /** Nobody maps the file any more. */
    void release() {
        pieces.run();
    }
}
