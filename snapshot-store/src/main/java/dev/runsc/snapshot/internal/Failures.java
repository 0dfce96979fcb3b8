package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotException.Kind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** Turns failures of the host and of RocksDB into one line for the user. */
public final class Failures {
    private Failures() {}

    public static SnapshotException damaged(Path dir, String what) {
        return new SnapshotException(
                Kind.DAMAGED, "snapshot store " + dir + " is damaged: " + what);
    }

    public static SnapshotException damaged(Path dir, String what, Throwable cause) {
        return new SnapshotException(
                Kind.DAMAGED, "snapshot store " + dir + " is damaged: " + what, cause);
    }

    /** A failure of the host while doing something; keeps one that already has its line. */
    public static SnapshotException of(Path dir, String doing, IOException failure) {
        if (failure instanceof SnapshotException ours) {
            return ours;
        }
        String text = textOf(failure);
        if (isNoSpace(text)) {
            return full(dir, doing, failure);
        }
        return new SnapshotException(
                Kind.IO, "snapshot store " + dir + ": " + doing + ": " + text, failure);
    }

    public static SnapshotException of(Path dir, String doing, RocksDBException failure) {
        String text = failure.getMessage() == null ? "unknown failure" : failure.getMessage();
        Status status = failure.getStatus();
        if (isNoSpace(text) || (status != null && status.getSubCode() == Status.SubCode.NoSpace)) {
            return full(dir, doing, failure);
        }
        if (text.contains("Permission denied") || text.contains("Read-only file system")) {
            return new SnapshotException(
                    Kind.IO, "snapshot store " + dir + ": " + doing + ": " + text, failure);
        }
        // What RocksDB cannot read it reports as corruption, as a missing file, as a wrong argument
        // or as a feature it does not know, all from bytes on disk; the caller passes only
        // constants.
        if (status != null && isFromDisk(status.getCode())) {
            return damaged(dir, doing + ": " + text, failure);
        }
        return new SnapshotException(
                Kind.IO, "snapshot store " + dir + ": " + doing + ": " + text, failure);
    }

    private static SnapshotException full(Path dir, String doing, Exception cause) {
        return new SnapshotException(
                Kind.FULL, "no space left for snapshot store " + dir + ": " + doing, cause);
    }

    private static boolean isFromDisk(Status.@Nullable Code code) {
        return code == Status.Code.Corruption
                || code == Status.Code.NotFound
                || code == Status.Code.InvalidArgument
                || code == Status.Code.NotSupported
                || code == Status.Code.IOError;
    }

    private static boolean isNoSpace(String text) {
        return text.contains("No space left") || text.contains("Disk quota exceeded");
    }

    private static String textOf(IOException failure) {
        if (failure instanceof AccessDeniedException denied) {
            return denied.getFile() + ": permission denied";
        }
        if (failure instanceof FileSystemException fs && fs.getReason() == null) {
            return fs.getClass().getSimpleName() + " " + fs.getFile();
        }
        return failure.getMessage() == null
                ? failure.getClass().getSimpleName()
                : failure.getMessage();
    }
}
