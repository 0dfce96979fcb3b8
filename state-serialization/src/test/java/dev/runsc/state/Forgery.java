package dev.runsc.state;

import dev.runsc.state.internal.FormatException;
import dev.runsc.state.internal.Image;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** What a test that forges images must know about their inside. */
final class Forgery {
    private Forgery() {}

    static List<Image.BlockInfo> blocks(byte[] image) throws StateException {
        byte[] prefix = Arrays.copyOf(image, Image.PREFIX_BYTES);
        try {
            int length = Image.directoryLength(prefix);
            byte[] directory =
                    Arrays.copyOfRange(image, Image.PREFIX_BYTES, Image.PREFIX_BYTES + length);
            return Image.parseDirectory(prefix, directory).blocks();
        } catch (FormatException malformed) {
            throw new StateException("not a good image", malformed);
        }
    }

    /** Where a fixed number stands in an image. */
    static int find(byte[] image, int number) {
        ByteBuffer bytes = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at + Integer.BYTES <= image.length; at++) {
            if (bytes.getInt(at) == number) {
                return at;
            }
        }
        throw new IllegalArgumentException("not there: " + number);
    }
}
