package dev.runsc.snapshot.internal;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** The functions of {@code src/main/c/chunkhash}, where it was built and the processor has them. */
final class NativeHash {
    /** Whether they may be called; without them the JDK hashes. */
    static final boolean AVAILABLE = load();

    private NativeHash() {}

    private static native boolean isSupported();

    /** SHA-256 of a piece of an array that must lie within it; the result takes 32 bytes. */
    static native void hashArray(byte[] data, int offset, int length, byte[] result);

    /** SHA-256 of a piece of a direct buffer, from its start on and whatever its position. */
    static native void hashBuffer(ByteBuffer data, int offset, int length, byte[] result);

    private static boolean load() {
        Path folder = NativeLibraries.folder();
        if (folder == null) {
            return false;
        }
        Path library = folder.resolve("libchunkhash.so");
        if (!Files.exists(library)) {
            return false;
        }
        System.load(library.toString());
        return isSupported();
    }
}
