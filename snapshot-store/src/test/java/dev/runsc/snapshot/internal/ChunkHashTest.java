package dev.runsc.snapshot.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The hash that is used agrees with the JDK's, whichever it is. */
class ChunkHashTest {
    @Test
    void knownValue() {
        assertEquals(
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                HexFormats.hex(new ChunkHash().of("abc".getBytes(StandardCharsets.US_ASCII))));
    }

    @Test
    void everyLengthAndOffset() throws Exception {
        MessageDigest jdk = MessageDigest.getInstance("SHA-256");
        ChunkHash hash = new ChunkHash();
        byte[] data = new byte[1000];
        new Random(1).nextBytes(data);
        ByteBuffer direct = ByteBuffer.allocateDirect(data.length).put(data);
        for (int length = 0; length <= 300; length++) {
            int offset = length % 7;
            byte[] expected = jdk.digest(Arrays.copyOfRange(data, offset, offset + length));
            assertArrayEquals(expected, hash.of(data, offset, length), "length " + length);
            direct.limit(offset + length).position(offset);
            assertArrayEquals(expected, hash.of(direct), "length " + length);
            assertEquals(length, direct.remaining());
            direct.clear();
        }
        byte[] large = new byte[ChunkFormat.MAX_CHUNK_BYTES + 13];
        new Random(2).nextBytes(large);
        assertArrayEquals(jdk.digest(large), hash.of(large));
    }

    @Test
    void sayWhichIsUsed() {
        System.out.println("chunk hash: " + (NativeHash.AVAILABLE ? "native" : "the JDK's"));
    }
}
