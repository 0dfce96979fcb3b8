package dev.runsc.state;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** An image that can be read from any position, for {@link ObjectGraphReader}. */
public interface ImageSource {
    /** Bytes from the beginning of the image to the end of what may be read. */
    long size() throws IOException;

    /**
     * Fills {@code target} with the bytes at {@code position}.
     *
     * @throws EOFException when there are fewer
     */
    void readFully(long position, byte[] target) throws IOException;

    /** An image in memory. */
    static ImageSource of(byte[] image) {
        return new ImageSource() {
            @Override
            public long size() {
                return image.length;
            }

            @Override
            public void readFully(long position, byte[] target) throws IOException {
                if (position < 0 || position > image.length - target.length) {
                    throw new EOFException();
                }
                System.arraycopy(image, (int) position, target, 0, target.length);
            }
        };
    }

    /** An image that begins at {@code offset} of a file. The channel stays the caller's. */
    static ImageSource of(FileChannel channel, long offset) {
        return new ImageSource() {
            @Override
            public long size() throws IOException {
                return Math.max(0, channel.size() - offset);
            }

            @Override
            public void readFully(long position, byte[] target) throws IOException {
                ByteBuffer buffer = ByteBuffer.wrap(target);
                while (buffer.hasRemaining()) {
                    long at = offset + position + buffer.position();
                    if (channel.read(buffer, at) < 0) {
                        throw new EOFException();
                    }
                }
            }
        };
    }
}
