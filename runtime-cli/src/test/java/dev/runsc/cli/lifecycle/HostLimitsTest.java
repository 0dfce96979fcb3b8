package dev.runsc.cli.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the host is told about a container's processes. */
class HostLimitsTest {
    @Test
    void aSandboxDiesNoSoonerThanAnyContainerWants() {
        assertEquals(-5, HostLimits.sandboxOomScore(Arrays.asList(3, null, -5)));
        assertNull(HostLimits.sandboxOomScore(List.of()));
        assertNull(HostLimits.sandboxOomScore(Arrays.asList(null, null)));
    }
}
