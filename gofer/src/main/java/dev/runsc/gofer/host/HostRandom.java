package dev.runsc.gofer.host;

import dev.runsc.gofer.abi.ErrnoException;
import java.util.random.RandomGenerator;

/**
 * Secrets from the host, by getrandom(2). Nothing is kept between calls, so there is no state that
 * an image could hold. The JDK's own costs a start 15 ms of looking for providers.
 */
public final class HostRandom implements RandomGenerator {
    @Override
    public long nextLong() {
        byte[] bytes = new byte[Long.BYTES];
        nextBytes(bytes);
        long value = 0;
        for (byte b : bytes) {
            value = value << Byte.SIZE | b & 0xff;
        }
        return value;
    }

    @Override
    public void nextBytes(byte[] bytes) {
        try {
            HostProcess.getrandom(bytes);
        } catch (ErrnoException e) {
            throw new AssertionError("getrandom(2) without flags does not fail", e);
        }
    }
}
