package dev.runsc.gofer.abi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class AbiValuesTest {
    @Test
    void errnosAreFoundByNumberAndPreallocated() {
        assertSame(Errno.EBADF, Errno.of(9));
        assertSame(Errno.EAGAIN, Errno.EWOULDBLOCK);
        assertSame(Errno.EBADF.error(), Errno.EBADF.error());
        assertEquals(0, Errno.EBADF.error().getStackTrace().length);
        assertEquals(Errno.EBADF, Errno.EBADF.error().errno());
        assertEquals(-9, Errno.EBADF.result());
        for (int number : new int[] {0, -1, 41, 134, Integer.MAX_VALUE}) {
            assertNull(Errno.find(number));
        }
        assertThrows(IllegalArgumentException.class, () -> Errno.of(58));
    }

    @Test
    void deviceNumbersComeApart() {
        for (int[] pair : new int[][] {{0, 0}, {8, 1}, {4095, 255}, {0xfffff, 0xfffff}, {-1, -1}}) {
            long device = DeviceNumber.make(pair[0], pair[1]);
            assertEquals(pair[0], DeviceNumber.major(device));
            assertEquals(pair[1], DeviceNumber.minor(device));
        }
        assertEquals(0x801, DeviceNumber.make(8, 1));
        // As makedev(3): major bits 31-12, minor bits 31-8, major bits 11-0, minor bits 7-0.
        assertEquals(0x1_200a_bcd3_45efL, DeviceNumber.make(0x12345, 0xabcdef));
    }

    @Test
    void directoryEntriesAreBoundedWhenRead() {
        Dirent64 entry = new Dirent64(7, 9, FileMode.DT_REG, new byte[] {'a', 'b'});
        byte[] bytes = entry.toBytes();
        assertEquals(24, bytes.length);
        Dirent64 back = Dirent64.readFrom(ByteBuffer.wrap(bytes));
        assertArrayEquals(entry.name(), back.name());
        assertEquals(7, back.ino());
        for (int length : new int[] {0, 19, 25, 65535}) {
            byte[] bad = bytes.clone();
            bad[16] = (byte) length;
            bad[17] = (byte) (length >> 8);
            assertThrows(
                    IllegalArgumentException.class, () -> Dirent64.readFrom(ByteBuffer.wrap(bad)));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> Dirent64.readFrom(ByteBuffer.wrap(bytes, 0, 19)));
    }

    @Test
    void signalInfoMembersOverlayAsInLinux() {
        SigInfo child = SigInfo.child(SignalNumbers.CLD_KILLED, 5, 6, 9, 11, 12);
        SigInfo back = SigInfo.readFrom(ByteBuffer.wrap(child.toBytes()));
        assertEquals(SignalNumbers.SIGCHLD, back.signal());
        assertEquals(5, back.pid());
        assertEquals(6, back.uid());
        assertEquals(9, back.status());
        assertEquals(12, back.systemTicks());
        assertEquals(0xdeadL, SigInfo.fault(11, 1, 0xdeadL).address());
        assertEquals(39, SigInfo.sys(1, 2, 3, 39, 4).syscall());
    }

    @Test
    void utsnameIsCutAtItsLength() {
        String longName = "x".repeat(70);
        Utsname name = new Utsname("Linux", longName, "6", "#1", "x86_64", "(none)");
        Utsname back = Utsname.readFrom(ByteBuffer.wrap(name.toBytes()));
        assertEquals(64, back.nodename().length());
        assertEquals("x86_64", back.machine());
        assertEquals(390, name.byteSize());
    }

    @Test
    void byteTextKeepsEveryByte() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        assertArrayEquals(all, ByteText.bytes(ByteText.of(all)));
        assertEquals("ü", ByteText.toUnicode(ByteText.fromUnicode("ü")));
        assertThrows(IllegalArgumentException.class, () -> ByteText.bytes("ж"));
    }
}
