package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.SnapshotException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import net.jpountz.lz4.LZ4Factory;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * Loads the native parts of RocksDB and LZ4, from the folder where the build unpacked them.
 *
 * <p>The system property {@code runsc.dist} names the installation; its folder {@code native} holds
 * the libraries. LZ4 finds its own by {@code java.library.path}, which the launcher points there.
 * Without them each library unpacks itself to the temporary directory, at some 100 ms per start.
 */
public final class NativeLibraries {
    private static final String DIST_PROPERTY = "runsc.dist";

    /** What RocksDB asks for in a folder it is pointed to: not the name in its own jar. */
    private static final String ROCKSDB = "librocksdbjnijni-linux64.so";

    private static final AtomicBoolean LOADING_AHEAD = new AtomicBoolean();

    private NativeLibraries() {}

    /** The folder of native libraries; null without an installation. */
    static @Nullable Path folder() {
        String dist = System.getProperty(DIST_PROPERTY);
        return dist == null || dist.isEmpty() ? null : Path.of(dist, "native").toAbsolutePath();
    }

    /** Loads RocksDB; cheap when it is loaded already. */
    public static void loadRocksDb() throws SnapshotException {
        try {
            RocksDbHolder.touch();
        } catch (LinkageError e) {
            throw notLoadable("RocksDB", e);
        }
    }

    /** LZ4's native implementation; the Java ones are slow until compiled, so they are not used. */
    public static LZ4Factory lz4() throws SnapshotException {
        try {
            return Lz4Holder.FACTORY;
        } catch (LinkageError e) {
            throw notLoadable("LZ4", e);
        }
    }

    private static SnapshotException notLoadable(String library, LinkageError failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new SnapshotException(
                SnapshotException.Kind.IO,
                "cannot load the native library of " + library + ": " + root.getMessage(),
                failure);
    }

    /** Loads everything in a thread of its own, while the caller does something else. */
    public static void loadAhead() {
        if (LOADING_AHEAD.compareAndSet(false, true)) {
            Thread.ofPlatform()
                    .daemon()
                    .name("snapshot-load-ahead")
                    .start(NativeLibraries::loadAll);
        }
    }

    /** RocksDB last: it is what whoever opens a store loads first, at the same time. */
    private static void loadAll() {
        try {
            ManifestJson.loadAhead();
            lz4();
            new ChunkHash();
            loadRocksDb();
        } catch (SnapshotException e) {
            // Whoever needs the library meets the same failure and reports it.
            return;
        }
    }

    private static final class RocksDbHolder {
        static {
            Path folder = folder();
            if (folder != null && Files.isRegularFile(folder.resolve(ROCKSDB))) {
                saveLookForMusl();
                RocksDB.loadLibrary(List.of(folder.toString()));
            } else {
                RocksDB.loadLibrary();
            }
        }

        private RocksDbHolder() {}

        static void touch() {
            // The work is done by the static initialiser, once and by one thread.
        }

        /**
         * RocksDB finds out whether the C library is musl by running a shell, ldd and grep, tens of
         * milliseconds at every start. The library at hand is made for glibc: tell it so. Where
         * this version keeps the answer elsewhere, it finds out by itself as ever.
         */
        private static void saveLookForMusl() {
            try {
                Field answer = Environment.class.getDeclaredField("MUSL_LIBC");
                answer.setAccessible(true);
                answer.set(null, false);
            } catch (NoSuchFieldException | IllegalAccessException slowButRight) {
                return;
            }
        }
    }

    private static final class Lz4Holder {
        static final LZ4Factory FACTORY = LZ4Factory.nativeInstance();

        private Lz4Holder() {}
    }
}
