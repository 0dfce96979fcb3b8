package dev.runsc.kernel.platform.stub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.kernel.platform.AddressSpace;
import dev.runsc.kernel.platform.CpuState;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.GuestContext.Stop;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.Register;
import dev.runsc.kernel.platform.stub.SyscallRewriter.Illegal;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rewritten call sites behave as the call itself: with the fast entry, and on a machine that has
 * none. The test plays the memory manager: code at the start of the memory file, cells in a page
 * behind it.
 */
@ParameterizedClass
@ValueSource(booleans = {true, false})
@Timeout(120)
final class RewriteTest {
    private static final int GETPID = 39;
    private static final int TRAP_FLAG = 0x100;
    private static final long CELLS = SyscallRewriter.FIRST_REGION;
    private static final long CELLS_OFFSET = GuestMachine.CODE_BYTES;
    private static final int CELLS_BYTES = 4 * GuestMachine.PAGE;

    private final boolean fast;
    private final Object rewriting = new Object();
    private GuestMachine machine;
    private int cells;

    RewriteTest(boolean fast) {
        this.fast = fast;
    }

    @BeforeEach
    void start() throws PlatformException {
        machine = new GuestMachine(fast);
    }

    @AfterEach
    void end() {
        machine.close();
    }

    // ---- The part of the memory manager ----

    private AddressSpace space() throws PlatformException {
        AddressSpace space = machine.space();
        space.mapMemory(CELLS, CELLS_BYTES, CELLS_OFFSET, GuestMachine.READ_EXECUTE, false);
        return space;
    }

    private byte[] guestBytes(long address, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            long at = address + i - GuestMachine.CODE;
            if (at >= 0 && at < GuestMachine.CODE_BYTES) {
                bytes[i] = machine.memory().get(ValueLayout.JAVA_BYTE, at);
            }
        }
        return bytes;
    }

    private void write(long offset, byte[] bytes) {
        MemorySegment.copy(bytes, 0, machine.memory(), ValueLayout.JAVA_BYTE, offset, bytes.length);
    }

    private void rewriteSite(AddressSpace space, GuestContext guest) throws PlatformException {
        long behind = guest.register(Register.RIP);
        long site = behind - SyscallRewriter.SITE_BYTES;
        synchronized (rewriting) {
            byte[] before = guestBytes(site, SyscallRewriter.SITE_BYTES);
            if (!SyscallRewriter.matches(before, guest.register(Register.RAX))) {
                return;
            }
            long cell = CELLS + (long) cells * SyscallRewriter.CELL_BYTES;
            write(
                    CELLS_OFFSET + cell - CELLS,
                    SyscallRewriter.cell(cell, (int) guest.register(Register.RAX), behind));
            cells++;
            for (SyscallRewriter.Step step : SyscallRewriter.steps(cell)) {
                write(site - GuestMachine.CODE + step.offset(), step.bytes());
                space.synchronizeCode();
                space.flush();
            }
        }
    }

    /** Runs to the next system call, however it comes, with RIP behind it. */
    private Stop call(GuestContext guest) {
        while (true) {
            Stop stop = guest.run();
            if (stop != Stop.EXCEPTION || guest.signal() != SignalNumbers.SIGILL) {
                return stop;
            }
            long at = guest.register(Register.RIP);
            Illegal illegal;
            synchronized (rewriting) {
                illegal =
                        SyscallRewriter.classify(
                                guestBytes(
                                        at - SyscallRewriter.BYTES_BEFORE,
                                        SyscallRewriter.BYTES_BEFORE + SyscallRewriter.BYTES_FROM));
            }
            switch (illegal) {
                case GUEST -> {
                    return stop;
                }
                case RUN_AGAIN -> {}
                case CALL -> {
                    guest.setRegister(Register.RIP, at + 2);
                    return Stop.SYSCALL;
                }
            }
        }
    }

    // ---- Computation ----

    @Test
    void sitesAreKnownByTheirBytes() {
        byte[] site = HexFormat.of().parseHex("b8270000000f05");
        assertTrue(SyscallRewriter.matches(site, GETPID));
        assertFalse(SyscallRewriter.matches(site, GETPID + 1));
        assertFalse(SyscallRewriter.matches(site, GETPID | 1L << 32));
        for (int i : new int[] {0, 5, 6}) {
            byte[] other = site.clone();
            other[i]++;
            assertFalse(SyscallRewriter.matches(other, GETPID));
        }
        assertNull(SyscallRewriter.findCell(site));
    }

    @Test
    void stepsEndInAJumpThroughTheCell() {
        byte[] site = HexFormat.of().parseHex("b8270000000f05");
        long cell = 0x1206_0028L;
        for (SyscallRewriter.Step step : SyscallRewriter.steps(cell)) {
            System.arraycopy(step.bytes(), 0, site, step.offset(), step.bytes().length);
        }
        assertEquals("ff242528000612", HexFormat.of().formatHex(site));
        assertEquals(cell, SyscallRewriter.findCell(site));
        assertFalse(SyscallRewriter.isCellAddress(0x1206_0021L));
        assertFalse(SyscallRewriter.isCellAddress(0x1206_fff0L));
        assertFalse(SyscallRewriter.isCellAddress(0x1207_0000L));
        assertFalse(SyscallRewriter.isCellAddress(0x8006_0000L));
    }

    @Test
    void stepsBackEndInTheSite() {
        byte[] site = SyscallRewriter.site(0x1206_0028L);
        for (SyscallRewriter.Step step : SyscallRewriter.stepsBack(GETPID)) {
            System.arraycopy(step.bytes(), 0, site, step.offset(), step.bytes().length);
        }
        assertEquals("b8270000000f05", HexFormat.of().formatHex(site));
        assertTrue(SyscallRewriter.matches(site, GETPID));
    }

    @Test
    void endsOfLongerInstructionsAreNoSites() {
        for (String before : new String[] {"909041", "90c745", "c74424", "90816b", "c7444b"}) {
            assertTrue(SyscallRewriter.isAmbiguous(HexFormat.of().parseHex(before)), before);
        }
        for (String before : new String[] {"000000", "909090", "4889fa", "4531c0", "0f1f00"}) {
            assertFalse(SyscallRewriter.isAmbiguous(HexFormat.of().parseHex(before)), before);
        }
    }

    // ---- Running ----

    @Test
    void aRewrittenCallIsTheCall() throws PlatformException {
        machine.load(new Code().call(GETPID).jump(0));
        AddressSpace space = space();
        GuestContext guest = machine.thread(space);
        assertEquals(Stop.SYSCALL, call(guest));
        assertFalse(guest.viaRewrittenSite());
        rewriteSite(space, guest);
        for (Register register : Register.values()) {
            if (register.ordinal() < Register.RIP.ordinal() && register != Register.RSP) {
                guest.setRegister(register, 0x7700 + register.ordinal());
            }
        }
        long flags = guest.register(Register.EFLAGS) | 0x8d5; // all arithmetic flags
        guest.setRegister(Register.EFLAGS, flags);
        guest.setFsBase(0x4000);
        for (int i = 0; i < 100; i++) {
            assertEquals(Stop.SYSCALL, call(guest));
            assertTrue(guest.viaRewrittenSite());
            assertEquals(GETPID, guest.register(Register.RAX));
            assertEquals(GuestMachine.CODE + 7, guest.register(Register.RIP));
            for (Register register : Register.values()) {
                if (register.ordinal() < Register.RAX.ordinal() && register != Register.R11) {
                    assertEquals(0x7700 + register.ordinal(), guest.register(register));
                }
            }
            assertEquals(flags, guest.register(Register.EFLAGS));
            assertEquals(0x4000, guest.fsBase());
            assertEquals(
                    GuestMachine.DATA + GuestMachine.DATA_BYTES - 256,
                    guest.register(Register.RSP));
            guest.setRegister(Register.RAX, i);
        }
    }

    @Test
    void everyRegisterCanBeSetAtARewrittenCall() throws PlatformException {
        // the call, then a plain syscall that shows the registers as the guest has them
        machine.load(new Code().call(GETPID).hex("f4"));
        AddressSpace space = space();
        GuestContext guest = machine.thread(space);
        assertEquals(Stop.SYSCALL, call(guest));
        rewriteSite(space, guest);
        guest.setRegister(Register.RIP, GuestMachine.CODE);
        assertEquals(Stop.SYSCALL, call(guest));
        for (Register register : Register.values()) {
            if (register.ordinal() < Register.RIP.ordinal()) {
                guest.setRegister(register, 0x5500 + register.ordinal());
            }
        }
        guest.setFsBase(0x8000);
        assertEquals(Stop.EXCEPTION, guest.run()); // hlt
        assertEquals(GuestMachine.CODE + 7, guest.register(Register.RIP));
        for (Register register : Register.values()) {
            if (register.ordinal() < Register.RIP.ordinal()) {
                assertEquals(0x5500 + register.ordinal(), guest.register(register));
            }
        }
        assertEquals(0x8000, guest.fsBase());
    }

    @Test
    void aCallCanBeRepeated() throws PlatformException {
        machine.load(new Code().call(GETPID).jump(0));
        AddressSpace space = space();
        GuestContext guest = machine.thread(space);
        assertEquals(Stop.SYSCALL, call(guest));
        rewriteSite(space, guest);
        // As after a signal: back by the two bytes of the instruction, with another number even.
        guest.setRegister(Register.RIP, guest.register(Register.RIP) - 2);
        guest.setRegister(Register.RAX, 219);
        assertEquals(Stop.SYSCALL, call(guest));
        assertEquals(219, guest.register(Register.RAX));
        assertEquals(GuestMachine.CODE + 7, guest.register(Register.RIP));
        assertEquals(Stop.SYSCALL, call(guest));
        assertTrue(guest.viaRewrittenSite());
        guest.setRegister(Register.RIP, guest.register(Register.RIP) - 7);
        assertEquals(Stop.SYSCALL, call(guest));
        assertEquals(GETPID, guest.register(Register.RAX));
    }

    @Test
    void aJumpToTheInstructionItselfKeepsItsNumber() throws PlatformException {
        // mov eax, 1; jmp to the syscall of a site for getpid
        Code code = new Code().call(GETPID).hex("b8 01000000");
        machine.load(code.jump(SyscallRewriter.CALL_OFFSET));
        AddressSpace space = space();
        GuestContext guest = machine.thread(space);
        assertEquals(Stop.SYSCALL, call(guest));
        rewriteSite(space, guest);
        for (int i = 0; i < 10; i++) {
            assertEquals(Stop.SYSCALL, call(guest));
            assertEquals(1, guest.register(Register.RAX));
            assertEquals(GuestMachine.CODE + 7, guest.register(Register.RIP));
        }
    }

    /** The FPU stays in the CPU during a fast call and is there when the kernel asks for it. */
    @Test
    void theWholeStateIsThereWhenWanted() throws PlatformException {
        // movups xmm3, [rdi]; call; movups [rdi + 16], xmm3; ud2
        Code code = new Code().hex("0f 10 1f").call(GETPID).hex("0f 11 5f 10 0f0b");
        machine.load(code);
        AddressSpace space = space();
        GuestContext guest = machine.thread(space);
        guest.setRegister(Register.RDI, GuestMachine.DATA);
        machine.data(0, 0xabcdefL);
        assertEquals(Stop.SYSCALL, call(guest));
        rewriteSite(space, guest);
        guest.setRegister(Register.RIP, GuestMachine.CODE);
        assertEquals(Stop.SYSCALL, call(guest));
        assertTrue(guest.viaRewrittenSite());
        guest.setRegister(Register.RBX, 0x1234);
        CpuState state = guest.save();
        assertEquals(GETPID, guest.register(Register.RAX));
        assertEquals(0x1234, state.registers()[Register.RBX.ordinal()]);
        assertTrue(guest.viaRewrittenSite());

        machine.data(16, 0);
        assertEquals(Stop.EXCEPTION, guest.run());
        assertEquals(0xabcdefL, machine.data(16));
        guest.release();

        // In another process, and in an address space that is a copy as fork makes it.
        machine.data(16, 0);
        GuestContext copy = space().newContext();
        copy.load(state);
        copy.setRegister(Register.RAX, 0);
        assertEquals(Stop.EXCEPTION, copy.run());
        assertEquals(0xabcdefL, machine.data(16));
        assertEquals(0x1234, copy.register(Register.RBX));
        copy.setRegister(Register.RIP, GuestMachine.CODE);
        assertEquals(Stop.SYSCALL, call(copy));
        assertTrue(copy.viaRewrittenSite());
    }

    /** What one kernel rewrote, another runs, whether it can itself or not. */
    @Test
    void anotherKernelRunsTheImage() throws PlatformException {
        machine.load(new Code().call(GETPID).jump(0));
        AddressSpace space = space();
        GuestContext guest = machine.thread(space);
        assertEquals(Stop.SYSCALL, call(guest));
        rewriteSite(space, guest);
        assertEquals(Stop.SYSCALL, call(guest));
        CpuState state = guest.save();
        try (GuestMachine other = new GuestMachine(!fast)) {
            long length = CELLS_OFFSET + CELLS_BYTES;
            MemorySegment.copy(machine.memory(), 0, other.memory(), 0, length);
            AddressSpace restored = other.space();
            restored.mapMemory(CELLS, CELLS_BYTES, CELLS_OFFSET, GuestMachine.READ_EXECUTE, false);
            GuestContext next = restored.newContext();
            next.load(state);
            for (int i = 0; i < 10; i++) {
                assertEquals(Stop.SYSCALL, next.run());
                assertEquals(GETPID, next.register(Register.RAX));
                assertTrue(next.viaRewrittenSite());
                next.setRegister(Register.RAX, 0);
            }
        }
    }

    /** GS base is the guest's as soon as it wants it; rewritten calls go on, by signal. */
    @Test
    void gsBaseCanBeTheGuests() throws PlatformException {
        // call; mov rbx, gs:[0]; from the start
        machine.load(new Code().call(GETPID).hex("65 48 8b 1c 25 00000000").jump(0));
        AddressSpace space = space();
        GuestContext guest = machine.thread(space);
        GuestContext other = machine.thread(space);
        assertEquals(Stop.SYSCALL, call(guest));
        rewriteSite(space, guest);
        guest.setRegister(Register.RIP, GuestMachine.CODE);
        assertEquals(Stop.SYSCALL, call(guest));
        assertEquals(Stop.SYSCALL, call(other));
        assertEquals(fast, guest.gainsFromRewriting());
        assertEquals(0, guest.gsBase());
        machine.data(64, 18);
        machine.data(128, 19);
        guest.setGsBase(GuestMachine.DATA + 64);
        other.setGsBase(GuestMachine.DATA + 128);
        GuestContext third = space.newContext();
        third.load(guest.save());
        GuestContext fourth = machine.thread(space);
        for (int i = 0; i < 3; i++) {
            for (GuestContext each : List.of(guest, other, third)) {
                assertEquals(Stop.SYSCALL, call(each));
                assertTrue(each.viaRewrittenSite());
                long expected = each == other ? 128 : 64;
                assertEquals(GuestMachine.DATA + expected, each.gsBase());
                assertEquals(each == other ? 19 : 18, each.register(Register.RBX));
            }
        }
        assertEquals(Stop.SYSCALL, call(fourth));
        assertEquals(0, fourth.gsBase());
        assertFalse(guest.gainsFromRewriting());
    }

    @Test
    void steppingOverARewrittenCallEndsBehindIt() throws PlatformException {
        machine.load(new Code().call(GETPID).hex("90 90"));
        AddressSpace space = space();
        GuestContext guest = machine.thread(space);
        assertEquals(Stop.SYSCALL, call(guest));
        rewriteSite(space, guest);
        guest.setRegister(Register.RIP, GuestMachine.CODE);
        guest.setRegister(Register.EFLAGS, guest.register(Register.EFLAGS) | TRAP_FLAG);
        Stop stop = guest.run();
        while (stop == Stop.EXCEPTION) {
            assertEquals(SignalNumbers.SIGTRAP, guest.signal());
            long at = guest.register(Register.RIP);
            assertTrue(
                    at >= CELLS && at < CELLS + CELLS_BYTES, () -> "at 0x" + Long.toHexString(at));
            stop = guest.run();
        }
        assertEquals(Stop.SYSCALL, stop);
        assertEquals(GuestMachine.CODE + 7, guest.register(Register.RIP));
        // Linux reports the step as soon as the call is back, or after the next instruction.
        assertEquals(Stop.EXCEPTION, guest.run());
        assertEquals(SignalNumbers.SIGTRAP, guest.signal());
        long at = guest.register(Register.RIP) - GuestMachine.CODE;
        assertTrue(at == 7 || at == 8, () -> "at " + at);
    }

    @Test
    void aThreadCanEndAtARewrittenCall() throws PlatformException {
        machine.load(new Code().call(GETPID).jump(0));
        AddressSpace space = space();
        for (int round = 0; round < 20; round++) {
            List<GuestContext> guests = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                GuestContext guest = machine.thread(space);
                assertEquals(Stop.SYSCALL, call(guest));
                rewriteSite(space, guest);
                assertEquals(round > 0 || i > 0, guest.viaRewrittenSite());
                guests.add(guest);
            }
            guests.forEach(GuestContext::release);
        }
    }

    /**
     * Threads run through many sites while those are being rewritten; each counts its calls itself.
     */
    @Test
    void sitesAreRewrittenUnderRunningThreads()
            throws PlatformException, InterruptedException, ExecutionException {
        int sites = 150;
        int threads = 6;
        int rounds = 20;
        for (int repeat = 0; repeat < 3; repeat++) {
            Code code = new Code();
            for (int i = 0; i < sites; i++) {
                code.call(1000 + i).hex("48 01 c3 48 ff c5"); // add rbx, rax; inc rbp
                if (i % 7 == 0) {
                    code.hex("90".repeat(1 + i % 5)); // sites at every alignment
                }
            }
            int end = code.size();
            code.hex("e9").hex(HexFormat.of().toHexDigits(Integer.reverseBytes(-end - 5)));
            cells = 0;
            machine.load(code);
            AddressSpace space = space();
            List<Callable<Void>> jobs = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                GuestContext guest = machine.thread(space);
                jobs.add(() -> runThrough(space, guest, sites, rounds));
            }
            try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
                for (Future<Void> future : pool.invokeAll(jobs)) {
                    future.get();
                }
            }
            assertEquals(sites, cells);
            space.release();
        }
    }

    private Void runThrough(AddressSpace space, GuestContext guest, int sites, int rounds)
            throws PlatformException {
        long sum = 0;
        for (int i = 0; i < sites * rounds; i++) {
            assertEquals(Stop.SYSCALL, call(guest), () -> "signal " + guest.signal());
            assertEquals(1000 + i % sites, guest.register(Register.RAX));
            if (!guest.viaRewrittenSite()) {
                rewriteSite(space, guest);
            }
            guest.setRegister(Register.RAX, i);
            sum += i;
        }
        assertEquals(Stop.SYSCALL, call(guest));
        assertEquals(sum, guest.register(Register.RBX));
        assertEquals((long) sites * rounds, guest.register(Register.RBP));
        guest.release();
        return null;
    }
}
