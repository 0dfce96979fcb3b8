package dev.runsc.gofer.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;

class SyscallNamesTest {
    @Test
    void eachConstantHasItsName() throws Exception {
        for (Field field : SyscallNumbers.class.getFields()) {
            String name = field.getName().substring("SYS_".length());
            assertEquals(field.getInt(null), SyscallNames.find(name), name);
        }
    }

    @Test
    void otherNamesHaveNoNumber() {
        assertEquals(-1, SyscallNames.find("no_such_call"));
        assertEquals(-1, SyscallNames.find(""));
    }
}
