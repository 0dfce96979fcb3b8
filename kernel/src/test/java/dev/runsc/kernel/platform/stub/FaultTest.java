package dev.runsc.kernel.platform.stub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.platform.AddressSpace;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.GuestContext.Stop;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.platform.Platform.HostFileMapping;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.Register;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Faults with address and kind of access, exceptions, and what mapping, unmapping and protecting
 * do.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FaultTest {
    /** Bits of the page fault error code. */
    private static final int PRESENT = 1;

    private static final int WRITE = 2;
    private static final int USER = 4;
    private static final int FETCH = 16;

    private static final long HOLE = 0x7000_0000L;
    private static final int TRAP_FLAG = 0x100;

    private GuestMachine machine;

    @BeforeAll
    void start() throws PlatformException {
        machine = new GuestMachine(false);
    }

    @AfterAll
    void end() {
        machine.close();
    }

    private static void assertFault(GuestContext guest, long address, int error) {
        assertEquals(Stop.FAULT, guest.run());
        assertEquals(address, guest.faultAddress());
        assertEquals(error, guest.faultError() & (PRESENT | WRITE | USER | FETCH));
    }

    private static void assertException(GuestContext guest, int signal) {
        assertEquals(Stop.EXCEPTION, guest.run());
        assertEquals(signal, guest.signal());
    }

    @Test
    void readsWritesAndFetchesFault() throws PlatformException {
        assertFault(
                machine.run(new Code().set(Code.RDI, HOLE + 8).hex("48 8b 07")), HOLE + 8, USER);
        assertFault(
                machine.run(new Code().set(Code.RDI, HOLE).hex("48 89 07")), HOLE, USER | WRITE);
        assertFault(machine.run(new Code().go(HOLE)), HOLE, USER | FETCH);
        assertFault(
                machine.run(new Code().set(Code.RDI, GuestMachine.CODE).hex("48 89 07")),
                GuestMachine.CODE,
                USER | WRITE | PRESENT);
        assertFault(
                machine.run(new Code().go(GuestMachine.DATA)),
                GuestMachine.DATA,
                USER | FETCH | PRESENT);
    }

    @Test
    void aFaultIsRepeatedUntilThePageIsThere() throws PlatformException {
        machine.load(
                new Code().set(Code.RDI, HOLE).hex("48 8b 07 0f05")); // mov rax, [rdi]; syscall
        AddressSpace space = machine.space();
        GuestContext guest = machine.thread(space);
        machine.data(0, 99);
        assertFault(guest, HOLE, USER);
        assertFault(guest, HOLE, USER);
        space.mapMemory(HOLE, 4096, GuestMachine.DATA_OFFSET, GuestMachine.READ, true);
        assertEquals(Stop.SYSCALL, guest.run());
        assertEquals(99, guest.register(Register.RAX));
    }

    @Test
    void exceptionsBecomeTheirSignals() throws PlatformException {
        assertException(machine.run(new Code().hex("31c9 f7f1")), SignalNumbers.SIGFPE); // div ecx
        assertException(machine.run(new Code().hex("0f0b")), SignalNumbers.SIGILL);
        assertException(machine.run(new Code().hex("06")), SignalNumbers.SIGILL);
        assertException(machine.run(new Code().hex("cc")), SignalNumbers.SIGTRAP);
        assertException(machine.run(new Code().hex("f4")), SignalNumbers.SIGSEGV); // hlt
        GuestContext guest = machine.run(new Code().set(Code.RDI, 1L << 62).hex("48 8b 07"));
        assertException(guest, SignalNumbers.SIGSEGV);
        assertEquals(SignalFrame.SI_KERNEL, guest.signalCode());
        assertEquals(13, guest.register(Register.TRAPNO));
    }

    @Test
    void divisionShowsItsAddress() throws PlatformException {
        GuestContext guest = machine.run(new Code().hex("31c9 f7f1"));
        assertException(guest, SignalNumbers.SIGFPE);
        assertEquals(GuestMachine.CODE + 2, guest.register(Register.RIP));
        assertEquals(GuestMachine.CODE + 2, guest.signalAddress());
        assertEquals(1, guest.signalCode()); // FPE_INTDIV
    }

    @Test
    void theTrapFlagStepsInstructions() throws PlatformException {
        Code code = new Code().hex("90 90").call(39).hex("90");
        GuestContext guest = machine.run(code);
        guest.setRegister(Register.EFLAGS, guest.register(Register.EFLAGS) | TRAP_FLAG);
        for (int offset : new int[] {1, 2, 7}) {
            assertException(guest, SignalNumbers.SIGTRAP);
            assertEquals(2, guest.signalCode()); // TRAP_TRACE
            assertEquals(GuestMachine.CODE + offset, guest.register(Register.RIP));
        }
        assertEquals(Stop.SYSCALL, guest.run());
        assertEquals(GuestMachine.CODE + 9, guest.register(Register.RIP));
        assertException(guest, SignalNumbers.SIGTRAP);
    }

    @Test
    void unmappingAndProtectingHold() throws PlatformException {
        machine.load(
                new Code().set(Code.RDI, GuestMachine.DATA).hex("48 8b 07 48 89 07 0f05").jump(0));
        AddressSpace space = machine.space();
        GuestContext guest = machine.thread(space);
        assertEquals(Stop.SYSCALL, guest.run());
        space.protect(GuestMachine.DATA, 4096, GuestMachine.READ);
        assertFault(guest, GuestMachine.DATA, USER | WRITE | PRESENT);
        space.protect(GuestMachine.DATA, 4096, 0);
        assertFault(guest, GuestMachine.DATA, USER | WRITE);
        space.protect(GuestMachine.DATA, 4096, GuestMachine.READ_WRITE);
        assertEquals(Stop.SYSCALL, guest.run());
        space.unmap(GuestMachine.DATA, 8192);
        assertFault(guest, GuestMachine.DATA, USER);
        space.unmap(GuestMachine.DATA, 8192);
        space.flush();
    }

    @Test
    void everyPageBelowTheLimitCanBeMapped() throws PlatformException {
        long[] addresses = {0x1_0000, HOLE, 1L << 46, Platform.MAX_USER_ADDRESS - 4096};
        for (long address : addresses) {
            machine.load(new Code().set(Code.RDI, address).hex("48 8b 07 0f05"));
            AddressSpace space = machine.space();
            GuestContext guest = machine.thread(space);
            assertFault(guest, address, USER);
            space.mapMemory(address, 4096, GuestMachine.DATA_OFFSET, GuestMachine.READ, false);
            assertEquals(Stop.SYSCALL, guest.run(), () -> "at 0x" + Long.toHexString(address));
            space.release();
        }
    }

    @Test
    void requestsBeyondTheLimitAreRefusedHere() throws PlatformException {
        AddressSpace space = machine.space();
        long limit = Platform.MAX_USER_ADDRESS;
        long[][] ranges = {
            {limit, 4096},
            {limit - 4096, 8192},
            {StubLayout.STUB_RING, 4096},
            {-4096, 4096},
            {4096, 0},
            {4096, -4096},
            {1, 4096},
            {4096, 1},
            {4096, Long.MAX_VALUE & -4096L}
        };
        for (long[] range : ranges) {
            assertThrows(IllegalArgumentException.class, () -> space.unmap(range[0], range[1]));
        }
    }

    @Test
    void aHostFileIsMappedWithoutBeingWritable() throws PlatformException, ErrnoException {
        HostFd file = HostFiles.memfdCreate("host-file", 0);
        HostFiles.writeFully(file.number(), ByteBuffer.allocateDirect(4096).putLong(0, 77));
        machine.load(new Code().set(Code.RDI, HOLE).hex("48 8b 07 48 89 07 0f05"));
        AddressSpace space = machine.space();
        GuestContext guest = machine.thread(space);
        HostFileMapping mapping = machine.platform().importFile(file);
        file.close();
        space.mapHostFile(HOLE, 8192, mapping, 0, GuestMachine.READ_WRITE);
        mapping.close();
        mapping.close();
        assertFault(guest, HOLE, USER | WRITE | PRESENT);
        assertEquals(Long.reverseBytes(77), guest.register(Register.RAX));
        guest.setRegister(Register.RDI, HOLE + 4096);
        guest.setRegister(Register.RIP, GuestMachine.CODE + 10);
        assertException(guest, SignalNumbers.SIGBUS);
        assertEquals(HOLE + 4096, guest.signalAddress());
    }

    @Test
    void moreRequestsThanTheRingHoldsAreCarriedOut() throws PlatformException {
        machine.load(new Code().set(Code.RDI, HOLE).hex("48 8b 07 0f05"));
        AddressSpace space = machine.space();
        for (int i = 0; i < 1000; i++) {
            space.mapMemory(
                    HOLE + 8192L * i, 4096, GuestMachine.DATA_OFFSET, GuestMachine.READ, false);
        }
        GuestContext guest = machine.thread(space);
        for (int i = 0; i < 1000; i += 111) {
            guest.setRegister(Register.RIP, GuestMachine.CODE + 10);
            guest.setRegister(Register.RDI, HOLE + 8192L * i);
            assertEquals(Stop.SYSCALL, guest.run());
        }
    }

    @Test
    void aRefusalOfTheHostIsToldAndFinal() throws PlatformException {
        AddressSpace space = machine.space();
        GuestContext guest = machine.thread(space);
        long beyondAnyFile = Long.MAX_VALUE & -4096L;
        space.mapMemory(HOLE, 4096, beyondAnyFile, GuestMachine.READ, false);
        PlatformException refused = assertThrows(PlatformException.class, space::flush);
        assertTrue(String.valueOf(refused.getMessage()).contains("refused"), refused::toString);
        assertThrows(PlatformException.class, space::flush);
        space.unmap(HOLE, 4096);
        assertEquals(Stop.DEAD, guest.run());
        space.release();
    }
}
