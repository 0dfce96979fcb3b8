package dev.runsc.gofer.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.SyscallNumbers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The three ways to the host answer alike, errors included. */
class DoorsTest {
    private interface Door {
        long call(long number, long a, long b, long c, long d, long e, long f);
    }

    private static List<Door> doors() throws IOException {
        List<Door> doors = new ArrayList<>(List.of(JnaLibc::call, ForeignLibc::call));
        String list = System.getProperty("runsc.notRunnable");
        if (JniLibc.AVAILABLE) {
            doors.add(JniLibc::syscall);
        } else if (list != null) {
            Files.writeString(
                    Path.of(list),
                    "DoorsTest: libhostcall.so was not built\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
        return doors;
    }

    @Test
    void resultsAndErrorsAreTheSame() throws IOException {
        long pid = ProcessHandle.current().pid();
        for (Door door : doors()) {
            assertEquals(pid, door.call(SyscallNumbers.SYS_getpid, 0, 0, 0, 0, 0, 0));
            assertEquals(
                    Errno.EBADF.result(), door.call(SyscallNumbers.SYS_close, -1, 0, 0, 0, 0, 0));
            assertEquals(Errno.ENOSYS.result(), door.call(100_000, 0, 0, 0, 0, 0, 0));
            // six arguments, all of them looked at
            int privateAnonymous = 0x22;
            long address = door.call(SyscallNumbers.SYS_mmap, 0, 8192, 3, privateAnonymous, -1, 0);
            assertTrue(address > 0);
            assertEquals(
                    Errno.EINVAL.result(),
                    door.call(SyscallNumbers.SYS_mmap, 0, 8192, 3, privateAnonymous, -1, 1));
            assertEquals(0, door.call(SyscallNumbers.SYS_munmap, address, 8192, 0, 0, 0, 0));
        }
    }

    @Test
    void functionsOfTheCLibrary() {
        assertEquals(7, CFunction.named("abs").call(-7));
        assertEquals(7, CFunction.ofJna("abs").call(-7));
        assertThrows(UnsatisfiedLinkError.class, () -> CFunction.named("no_such_function"));
        assertThrows(UnsatisfiedLinkError.class, () -> CFunction.ofJna("no_such_function"));
    }
}
