package dev.runsc.gofer.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.runsc.gofer.abi.DescriptorFlags;
import dev.runsc.gofer.abi.ErrnoException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Files of the host as streams. */
class FdStreamsTest {
    private static final int LENGTH = 3 << 20;

    private final byte[] bytes = new byte[LENGTH];

    FdStreamsTest() {
        new Random(1).nextBytes(bytes);
    }

    private HostFd file() throws IOException, ErrnoException {
        HostFd file = HostFiles.memfdCreate("x", DescriptorFlags.MFD_CLOEXEC);
        try (FdOutput out = new FdOutput(file)) {
            out.write(bytes[0]);
            out.write(bytes, 1, 99);
            out.write(bytes, 100, LENGTH - 100);
        }
        return file;
    }

    @Test
    void whatIsWrittenIsRead() throws IOException, ErrnoException {
        try (HostFd file = file()) {
            assertEquals(bytes[0] & 0xff, new FdInput(file).read());
            assertArrayEquals(bytes, new FdInput(file).readAllBytes());
        }
    }

    @Test
    void partsAreRead() throws IOException, ErrnoException {
        try (HostFd file = file()) {
            for (int from : new int[] {0, 1, 4096, (1 << 20) - 1, LENGTH - 5, LENGTH}) {
                for (int length : new int[] {0, 1, 5, (1 << 20) + 1}) {
                    int to = Math.min(LENGTH, from + length);
                    assertArrayEquals(
                            Arrays.copyOfRange(bytes, from, to),
                            new FdInput(file, from, length).readAllBytes(),
                            from + "+" + length);
                }
            }
            assertEquals(-1, new FdInput(file, LENGTH + 1L, 1).read());
        }
    }

    @Test
    void partsOfNoFileAreRefused() {
        assertThrows(ArithmeticException.class, () -> new FdInput(HostFd.own(0), 1, -1L >>> 1));
        FdInput bad = new FdInput(HostFd.own(Integer.MAX_VALUE), 0, 1);
        assertThrows(IOException.class, bad::read);
    }
}
