package dev.runsc.cli.base;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import org.junit.jupiter.api.Test;

final class TimestampsTest {
    @Test
    void sayWhatInstantsSay() {
        for (Instant time :
                new Instant[] {
                    Instant.EPOCH,
                    Instant.ofEpochSecond(1_795_340_893),
                    Instant.ofEpochSecond(1_795_340_880, 1),
                    Instant.ofEpochSecond(1_795_340_893, 338_283_410),
                    Instant.ofEpochSecond(1_795_340_893, 338_000_000)
                }) {
            assertEquals(time.toString(), Timestamps.text(time));
        }
    }
}
