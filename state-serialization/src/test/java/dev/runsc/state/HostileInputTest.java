package dev.runsc.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.state.Samples.Box;
import dev.runsc.state.internal.Image;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Damaged and forged images give a StateException, never anything else. */
class HostileInputTest {
    private static final long SEED = Long.getLong("test.seed", 20_261_121L);

    private static byte[] goodImage() throws StateException {
        return Samples.save(Samples.SCHEMA, Samples.mixed());
    }

    /** Loads and inspects; true when the load went well. */
    private static boolean survives(byte[] image, String what) {
        boolean loaded;
        try {
            ObjectGraph.load(
                    Samples.SCHEMA,
                    Object.class,
                    new ByteArrayInputStream(image),
                    RestoreContext.empty());
            loaded = true;
        } catch (StateException refused) {
            String message = String.valueOf(refused.getMessage());
            assertTrue(message.indexOf('\n') < 0 && !message.isBlank(), message);
            loaded = false;
        } catch (IOException | RuntimeException | Error escaped) {
            throw new AssertionError(what + " with -Dtest.seed=" + SEED, escaped);
        }
        try {
            ObjectGraphReader reader = ObjectGraphReader.open(image);
            for (int id = 0; id < reader.objectCount(); id++) {
                reader.read(id);
            }
        } catch (StateException refused) {
            assertTrue(String.valueOf(refused.getMessage()).indexOf('\n') < 0);
        } catch (IOException | RuntimeException | Error escaped) {
            throw new AssertionError("reader: " + what + " with -Dtest.seed=" + SEED, escaped);
        }
        return loaded;
    }

    @Test
    void everyTruncationIsRefused() throws StateException {
        byte[] image = goodImage();
        assertTrue(survives(image, "nothing"));
        for (int length = 0; length < image.length; length++) {
            assertFalse(survives(Arrays.copyOf(image, length), "truncation at " + length));
        }
    }

    @Test
    void everyFlippedBitIsRefused() throws StateException {
        byte[] image = goodImage();
        for (int bit = 0; bit < image.length * 8; bit++) {
            byte[] damaged = image.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            assertFalse(survives(damaged, "bit " + bit), "bit " + bit);
        }
    }

    /**
     * Makes the checksums good again after {@code forged} was changed, so that the decoders meet
     * the damage. Those of the blocks stand in the directory; one that was hit itself stays wrong.
     */
    private static void seal(byte[] forged, byte[] original) throws StateException {
        ByteBuffer numbers = ByteBuffer.wrap(forged).order(ByteOrder.LITTLE_ENDIAN);
        for (Image.BlockInfo block : Forgery.blocks(original)) {
            int at = Forgery.find(original, block.checksum());
            if (numbers.getInt(at) == block.checksum()) {
                CRC32C sum = new CRC32C();
                sum.update(forged, (int) block.offset(), block.length());
                numbers.putInt(at, (int) sum.getValue());
            }
        }
        int directoryLength = numbers.getInt(12);
        if (directoryLength >= 0 && directoryLength <= forged.length - Image.PREFIX_BYTES) {
            CRC32C sum = new CRC32C();
            sum.update(forged, 0, 16);
            sum.update(forged, Image.PREFIX_BYTES, directoryLength);
            numbers.putInt(16, (int) sum.getValue());
        }
    }

    @Test
    void forgedImagesAreRefusedOrRead() throws StateException {
        byte[] image = goodImage();
        Random random = new Random(SEED);
        int[] outcomes = new int[2];
        assertTimeout(
                Duration.ofMinutes(5),
                () -> {
                    for (int round = 0; round < 10_000; round++) {
                        byte[] forged = image.clone();
                        for (int edits = 1 + random.nextInt(4); edits > 0; edits--) {
                            int at = 12 + random.nextInt(forged.length - 12);
                            int flipped = forged[at] ^ 1 << random.nextInt(8);
                            forged[at] = (byte) (random.nextBoolean() ? random.nextInt() : flipped);
                        }
                        seal(forged, image);
                        outcomes[survives(forged, "forgery " + round) ? 1 : 0]++;
                    }
                });
        assertTrue(outcomes[0] > 500 && outcomes[1] > 500, Arrays.toString(outcomes));
    }

    @Test
    void randomBytesAreRefused() {
        Random random = new Random(SEED);
        for (int round = 0; round < 2_000; round++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            assertFalse(survives(bytes, "random bytes " + round));
        }
    }

    @Test
    void announcedSizesTakeNoMemoryBeforeTheBytesAreThere() throws Exception {
        for (Object content :
                List.of(new long[3], new Object[3], "abc", new ArrayList<>(List.of(1, 2, 3)))) {
            byte[] image = Samples.save(Samples.SCHEMA, new Box(content));
            // every byte in turn becomes the head of a huge number
            for (int at = Image.PREFIX_BYTES; at < image.length; at++) {
                byte[] forged = image.clone();
                for (int i = 0; i < 5 && at + i < forged.length; i++) {
                    forged[at + i] = (byte) (i == 4 ? 0x07 : 0xFF);
                }
                seal(forged, image);
                survives(forged, "huge number at " + at);
            }
        }
    }

    @Test
    void anotherFormatVersionIsNamed() throws StateException {
        byte[] image = goodImage();
        image[8] = 9;
        StateException refused =
                assertThrows(
                        StateException.class,
                        () -> Samples.load(Samples.SCHEMA, Object.class, image));
        assertEquals(
                "image of format version 9; this program reads version 1", refused.getMessage());
    }

    @Test
    void aLargeImageThatEndsEarlyIsRefused() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ObjectGraph.save(Samples.SCHEMA, new Box(new byte[5 << 20]), out);
        byte[] image = out.toByteArray();
        assertFalse(survives(Arrays.copyOf(image, image.length - 1), "one byte less"));
    }
}
