package dev.runsc.gofer.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class RlimitNamesTest {
    @Test
    void namesAreThoseOfTheConstants() {
        ConstantNames constants = ConstantNames.of(RLimits.class, "RLIMIT_");
        for (int number = 0; number < RLimits.RLIM_NLIMITS; number++) {
            String name = RlimitNames.of(number);
            assertEquals(constants.find(number), name);
            assertEquals(number, RlimitNames.find(name));
        }
        assertEquals("0x10", RlimitNames.of(RLimits.RLIM_NLIMITS));
        assertEquals(-1, RlimitNames.find("RLIMIT_NONE"));
    }
}
