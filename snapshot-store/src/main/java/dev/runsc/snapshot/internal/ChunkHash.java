package dev.runsc.snapshot.internal;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** SHA-256, which names chunks and proves manifests; belongs to one thread. */
public final class ChunkHash {
    /** The JDK's; null where the native one does the work. */
    private final @Nullable MessageDigest digest;

    public ChunkHash() {
        digest = NativeHash.AVAILABLE ? null : jdk();
    }

    private static MessageDigest jdk() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    public byte[] of(byte[] data) {
        return of(data, 0, data.length);
    }

    /** The hash of a piece of an array. */
    public byte[] of(byte[] data, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, data.length);
        if (digest != null) {
            digest.update(data, offset, length);
            return digest.digest();
        }
        byte[] result = new byte[ChunkName.BYTES];
        NativeHash.hashArray(data, offset, length, result);
        return result;
    }

    /** The hash of what remains in a direct buffer, which stays as it is. */
    public byte[] of(ByteBuffer direct) {
        if (digest != null) {
            digest.update(direct.duplicate());
            return digest.digest();
        }
        byte[] result = new byte[ChunkName.BYTES];
        NativeHash.hashBuffer(direct, direct.position(), direct.remaining(), result);
        return result;
    }
}
