package dev.runsc.kernel.platform.stub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.kernel.platform.CpuState;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.GuestContext.Stop;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.Register;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** FPU and vector state lives through stops, can be read and written, and moves between threads. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FpuTest {
    private static final int XSTATE_BV = 512;
    private static final long AVX512 = 7L << 5;

    private GuestMachine machine;

    @BeforeAll
    void start() throws PlatformException {
        machine = new GuestMachine(false);
    }

    @AfterAll
    void end() {
        machine.close();
    }

    private static long inUse(byte[] area) {
        return MemorySegment.ofArray(area).get(ValueLayout.JAVA_LONG_UNALIGNED, XSTATE_BV);
    }

    /**
     * movups xmm7, [rdi]; syscall; movups [rdi + 16], xmm7; syscall; stmxcsr [rdi + 32]; fnstcw
     * [rdi + 36]; syscall
     */
    private static Code sse() {
        return new Code()
                .set(Code.RDI, GuestMachine.DATA)
                .hex("0f 10 3f 0f05 0f 11 7f 10 0f05 0f ae 5f 20 d9 7f 24 0f05");
    }

    @Test
    void registersLiveThroughStops() throws PlatformException {
        machine.data(0, 0x1122334455667788L);
        machine.data(16, 0);
        GuestContext guest = machine.run(sse());
        assertEquals(Stop.SYSCALL, guest.run());
        byte[] area = guest.fpuState();
        long low = MemorySegment.ofArray(area).get(ValueLayout.JAVA_LONG_UNALIGNED, 160 + 7 * 16);
        assertEquals(0x1122334455667788L, low);
        assertEquals(Stop.SYSCALL, guest.run());
        assertEquals(0x1122334455667788L, machine.data(16));
    }

    @Test
    void aNewThreadHasAndAResetGivesTheInitialState() throws PlatformException {
        machine.data(0, 5);
        GuestContext guest = machine.run(sse());
        assertEquals(Stop.SYSCALL, guest.run());
        guest.resetFpu();
        assertEquals(Stop.SYSCALL, guest.run());
        assertEquals(0, machine.data(16));
        assertEquals(Stop.SYSCALL, guest.run());
        assertEquals(0x1f80, (int) machine.data(32));
        assertEquals(0x37f, machine.data(32) >>> 32 & 0xffff);
    }

    @Test
    void whatIsWrittenIsWhatTheGuestSees() throws PlatformException {
        GuestContext guest = machine.run(sse());
        assertEquals(Stop.SYSCALL, guest.run());
        byte[] area = guest.fpuState();
        MemorySegment view = MemorySegment.ofArray(area);
        view.set(ValueLayout.JAVA_LONG_UNALIGNED, 160 + 7 * 16, 4242);
        view.set(ValueLayout.JAVA_INT_UNALIGNED, 24, 0x7f80); // round to zero
        view.set(ValueLayout.JAVA_LONG_UNALIGNED, XSTATE_BV, inUse(area) | 3);
        guest.setFpuState(area);
        assertEquals(Stop.SYSCALL, guest.run());
        assertEquals(4242, machine.data(16));
        assertEquals(Stop.SYSCALL, guest.run());
        assertEquals(0x7f80, (int) machine.data(32));
        // The plain FXSAVE form will do as well.
        guest.setFpuState(Arrays.copyOf(area, 512));
        assertEquals(
                0x7f80,
                MemorySegment.ofArray(guest.fpuState()).get(ValueLayout.JAVA_INT_UNALIGNED, 24));
    }

    @Test
    void stateThatTheCpuWouldRefuseIsRefused() throws PlatformException {
        GuestContext guest = machine.run(sse());
        assertEquals(Stop.SYSCALL, guest.run());
        byte[] good = guest.fpuState();
        int[] offsets = {XSTATE_BV + 7, XSTATE_BV + 8, XSTATE_BV + 15, XSTATE_BV + 63, 27};
        for (int offset : offsets) {
            byte[] bad = good.clone();
            bad[offset] = (byte) 0x80;
            assertThrows(PlatformException.class, () -> guest.setFpuState(bad), "at " + offset);
        }
        for (int length : new int[] {0, 511, 513, 575}) {
            byte[] bad = Arrays.copyOf(good, length);
            assertThrows(PlatformException.class, () -> guest.setFpuState(bad));
        }
        assertArrayEquals(good, guest.fpuState());
        assertEquals(Stop.SYSCALL, guest.run());
    }

    @Test
    void theWidestVectorsMoveToAnotherThread() throws PlatformException {
        boolean wide = (machine.platform().xsaveFeatures() & AVX512) == AVX512;
        // vmovdqu64 zmm31, [rdi] / vmovdqu64 [rdi + 64], zmm31, or the same with ymm15
        String load = wide ? "62 61 fe 48 6f 3f" : "c5 7e 6f 3f";
        String store = wide ? "62 61 fe 48 7f 7f 01" : "c5 7e 7f 7f 40";
        for (int i = 0; i < 64; i += 8) {
            machine.data(i, 0x0101010101010101L * (i + 1));
            machine.data(64 + i, 0);
        }
        GuestContext first =
                machine.run(
                        new Code()
                                .set(Code.RDI, GuestMachine.DATA)
                                .hex(load + "0f05" + store + "0f05"));
        assertEquals(Stop.SYSCALL, first.run());
        CpuState state = first.save();
        first.release();
        GuestContext second = machine.space().newContext();
        second.load(state);
        assertEquals(Stop.SYSCALL, second.run());
        for (int i = 0; i < (wide ? 64 : 32); i += 8) {
            assertEquals(0x0101010101010101L * (i + 1), machine.data(64 + i));
        }
        assertEquals(
                machine.platform().xsaveFeatures(),
                second.fpuFeatures() | XsaveArea.AMX & machine.platform().xsaveFeatures());
    }

    private static void notRunnable(String test, String reason) throws IOException {
        String list = System.getProperty("runsc.notRunnable");
        if (list != null) {
            Files.writeString(
                    Path.of(list),
                    test + ": " + reason + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
    }

    @Test
    void tilesMoveToAnotherThread() throws PlatformException, IOException {
        if ((machine.platform().xsaveFeatures() & XsaveArea.AMX) == 0) {
            notRunnable("FpuTest.tilesMoveToAnotherThread", "this CPU or host has no AMX");
            return;
        }
        machine.memory().asSlice(GuestMachine.DATA_OFFSET, 256).fill((byte) 0);
        machine.data(0, 1); // palette 1; tile 0: 64 bytes, 1 row
        machine.data(16, 64);
        machine.data(48, 1);
        machine.data(64, 0x1234567812345678L);
        // mov esi, 64; ldtilecfg [rdi]; tileloadd tmm0, [rdi + 64 + rsi]; syscall; tilestored [rdi
        // + 128 + rsi], tmm0; syscall
        Code code = new Code().set(Code.RDI, GuestMachine.DATA).hex("be 00000000");
        code.hex("c4 e2 78 49 07 c4 e2 7b 4b 44 37 40 0f05 c4 e2 7a 4b 84 37 80000000 0f05");
        GuestContext first = machine.run(code);
        Stop stop = first.run();
        assertEquals(Stop.SYSCALL, stop, () -> "signal " + first.signal());
        CpuState state = first.save();
        assertEquals(XsaveArea.AMX, XsaveArea.inUse(state.xsave()) & XsaveArea.AMX);
        first.release();

        GuestContext second = machine.space().newContext();
        second.load(state);
        assertEquals(Stop.SYSCALL, second.run());
        assertEquals(0x1234567812345678L, machine.data(128));
        second.resetFpu();
        second.setRegister(Register.RIP, GuestMachine.CODE + 10 + 5 + 5 + 7 + 2);
        assertEquals(Stop.EXCEPTION, second.run()); // no tile configuration any more
        assertEquals(SignalNumbers.SIGILL, second.signal());
    }

    @Test
    void componentsMoveBetweenTheirPlacesHereAndInImages() throws PlatformException {
        int[] offsets = new int[StubLayout.XSAVE_COMPONENTS];
        int[] sizes = new int[StubLayout.XSAVE_COMPONENTS];
        offsets[2] = 576;
        sizes[2] = 256;
        offsets[9] = 832; // as AMD places the protection keys
        sizes[9] = 8;
        XsaveFormat format = new XsaveFormat(offsets, sizes);
        byte[] area = new byte[840];
        area[XSTATE_BV + 1] = 2;
        area[832] = 7;
        byte[] image = format.toImage(area);
        assertEquals(2696, image.length);
        assertEquals(7, image[2688]);
        assertArrayEquals(area, format.fromImage(image));
        image[XSTATE_BV] = (byte) 0xe0;
        assertThrows(PlatformException.class, () -> format.fromImage(image));
    }
}
