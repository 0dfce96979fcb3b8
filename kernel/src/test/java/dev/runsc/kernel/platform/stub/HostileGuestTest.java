package dev.runsc.kernel.platform.stub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.kernel.platform.AddressSpace;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.GuestContext.Stop;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.Register;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** A guest that attacks the stub it runs in harms itself and nobody else. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class HostileGuestTest {
    private static final long SEED = Long.getLong("seed", 20261121L);

    /** The calls that a stub may make at all; every other number kills. */
    private static final int[] CALLS = {
        1, 9, 10, 11, 15, 24, 46, 47, 56, 60, 131, 158, 202, 231, 234, 272, 317, 324
    };

    /** The stub's text and constants, to the end of their last page. */
    private static final int TEXT_BYTES = 0x2000;

    private static final int PATIENCE_MILLIS = 20;

    /** Offset of a page of the memory file that no guest here has. */
    private static final long NOT_MAPPED = GuestMachine.DATA_BYTES;

    private final ScheduledExecutorService rescue =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());
    private GuestMachine machine;

    @BeforeAll
    void start() throws PlatformException {
        machine = new GuestMachine(true);
    }

    @AfterAll
    void end() throws PlatformException {
        assertWorks();
        machine.close();
        rescue.shutdown();
    }

    /** The platform still makes processes that compute. */
    private void assertWorks() throws PlatformException {
        GuestContext guest = machine.run(new Code().call(39));
        assertEquals(Stop.SYSCALL, guest.run());
        guest.release();
    }

    /**
     * Runs a hostile thread until it stops or does not react any more; then its process is ended.
     */
    private Stop runBriefly(AddressSpace space, GuestContext guest) {
        ScheduledFuture<?> interrupt =
                rescue.schedule(guest::interrupt, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        ScheduledFuture<?> end =
                rescue.schedule(space::release, 10 * PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        Stop stop = guest.run();
        interrupt.cancel(false);
        end.cancel(false);
        return stop;
    }

    /**
     * As {@link #runBriefly}, for one that must die: on a busy machine it may not have come that
     * far.
     */
    private Stop runToTheEnd(AddressSpace space, GuestContext guest) {
        Stop stop;
        int patience = 100;
        do {
            stop = runBriefly(space, guest);
        } while (stop == Stop.INTERRUPTED && patience-- > 0);
        return stop;
    }

    /** Jumps to every byte of the stub's text, with arguments that would do harm if they could. */
    @Test
    void jumpsIntoTheStubGainNothing() throws PlatformException {
        Random random = new Random(SEED);
        System.out.println("seed " + SEED);
        machine.load(new Code().hex("ff e0")); // jmp rax
        for (int offset = 0; offset < TEXT_BYTES; offset++) {
            AddressSpace space = machine.space();
            GuestContext guest = space.newContext();
            hostileRegisters(guest, random);
            guest.setRegister(Register.RIP, GuestMachine.CODE);
            guest.setRegister(Register.RAX, StubLayout.STUB_BASE + offset);
            machine.data(NOT_MAPPED, 42);
            assertNotNull(runBriefly(space, guest));
            space.release();
            assertEquals(42, machine.data(NOT_MAPPED), "offset " + offset);
        }
        assertWorks();
    }

    private static void hostileRegisters(GuestContext guest, Random random) {
        long[] values = {
            0,
            1,
            -1,
            GuestMachine.DATA,
            GuestMachine.CODE,
            StubLayout.STUB_RING,
            StubLayout.STUB_REPLY,
            StubLayout.STUB_SLOTS,
            StubLayout.STUB_BASE,
            4096,
            0x1000_0000L
        };
        for (Register register : Register.values()) {
            if (register.ordinal() < Register.RIP.ordinal()) {
                guest.setRegister(register, values[random.nextInt(values.length)]);
            }
        }
        guest.setRegister(Register.RBX, CALLS[random.nextInt(CALLS.length)]);
    }

    /**
     * Finds every syscall instruction of the stub and makes each call that anything there may make.
     */
    @Test
    void callsFromTheStubsTextDie() throws PlatformException {
        byte[] text = stubText();
        for (int offset = 0; offset + 1 < text.length; offset++) {
            if (text[offset] != 0x0f || text[offset + 1] != 0x05) {
                continue;
            }
            for (int number : CALLS) {
                // mov eax, number; jmp to it with the arguments of mmap(DATA, 4096, RWX, ANONYMOUS
                // | FIXED)
                Code code = new Code().set(Code.RAX, number).set(Code.RDI, GuestMachine.DATA);
                code.set(Code.RSI, 4096).set(Code.RDX, 7).set(10, 0x32).set(8, -1).set(9, 0);
                machine.load(code.go(StubLayout.STUB_BASE + offset));
                AddressSpace space = machine.space();
                GuestContext guest = machine.thread(space);
                boolean harmless = number == 24 || number == 15 || number == 60;
                Stop stop = harmless ? runBriefly(space, guest) : runToTheEnd(space, guest);
                if (!harmless) {
                    assertEquals(Stop.DEAD, stop, "call " + number + " at " + offset);
                }
                space.release();
            }
        }
    }

    /** A guest reads the stub's text as any other memory. */
    private byte[] stubText() throws PlatformException {
        // rsi text, rdi data, rcx count: rep movsb; syscall
        Code code = new Code().set(Code.RSI, StubLayout.STUB_BASE).set(Code.RDI, GuestMachine.DATA);
        GuestContext guest = machine.run(code.set(Code.RCX, TEXT_BYTES).hex("f3 a4 0f05"));
        assertEquals(Stop.SYSCALL, guest.run());
        byte[] text =
                machine.memory()
                        .asSlice(GuestMachine.DATA_OFFSET, TEXT_BYTES)
                        .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        assertEquals(0x0f, text[0]);
        return text;
    }

    @Test
    void theStubsOwnPagesCannotBeWrittenOrReadBeyondNeed() throws PlatformException {
        long[] readOnly = {StubLayout.STUB_BASE, StubLayout.STUB_RING, StubLayout.STUB_RING + 4096};
        for (long address : readOnly) {
            GuestContext guest = machine.run(new Code().set(Code.RDI, address).hex("88 07"));
            assertEquals(Stop.FAULT, guest.run());
            assertEquals(address, guest.faultAddress());
        }
        long[] absent = {0x7ffe_0020_0000L, StubLayout.STUB_RING - 4096, 0x7fff_ffff_e000L};
        for (long address : absent) {
            GuestContext guest = machine.run(new Code().set(Code.RDI, address).hex("8a 07"));
            assertEquals(Stop.FAULT, guest.run());
            assertEquals(address, guest.faultAddress());
        }
    }

    /** Fills a thread's whole slot, its own or another's, with a value, and then makes a call. */
    private void scribble(long value, int from) throws PlatformException {
        // rdi slot, rcx words: rep stosq; syscall
        Code code = new Code().hex("f3 48 ab 0f05").jump(0);
        machine.load(code);
        AddressSpace space = machine.space();
        GuestContext victim = machine.thread(space);
        GuestContext guest = machine.thread(space);
        for (GuestContext owner : new GuestContext[] {victim, guest}) {
            long slot = ControlMemory.slotAddress(((StubContext) owner).slotNumber());
            guest.setRegister(Register.RIP, GuestMachine.CODE);
            guest.setRegister(Register.RDI, slot + from);
            guest.setRegister(Register.RCX, (StubLayout.STUB_SLOT_SIZE - from) / 8);
            guest.setRegister(Register.RAX, value);
            assertNotNull(runBriefly(space, guest));
        }
        space.release();
        assertNotNull(runBriefly(space, victim));
        // Whatever the kernel now believes, it may look at it without harm.
        for (GuestContext owner : new GuestContext[] {victim, guest}) {
            assertNotNull(owner.save());
            owner.fpuFeatures();
            owner.resetFpu();
            owner.register(Register.RAX);
            owner.signalCode();
            owner.faultAddress();
            assertEquals(Stop.DEAD, owner.run());
            owner.release();
        }
    }

    @Test
    void aScribbledSlotHarmsTheGuestAlone() throws PlatformException {
        long[] values = {
            0, -1, 0x0000_0002_0000_0002L, 0x7fff_ffff_7fff_ffffL, 0x0001_0000_0001_0000L
        };
        for (long value : values) {
            for (int from : new int[] {0, 8, 16, 24, 1024}) {
                scribble(value, from);
                assertWorks();
            }
        }
    }

    /**
     * Another thread keeps rewriting the slot of one that makes calls, while the kernel looks at
     * it.
     */
    @Test
    void aSlotThatChangesUnderTheKernelsEyesIsNoDanger() throws PlatformException {
        Random random = new Random(SEED);
        for (int round = 0; round < 20; round++) {
            Code code = new Code().call(39).jump(0);
            int scribbler = code.size();
            // xorshift rbx; mov [rdi + (rbx & mask)], rbx
            code.hex(
                    "48 89 d8 48 c1 e0 0d 48 31 c3 48 89 d8 48 c1 e8 07 48 31 c3 48 89 d8 48 c1 e0 11 48 31 c3");
            code.hex("89 d8 25 f8 ff 00 00 48 89 1c 07");
            code.jump(scribbler);
            machine.load(code);
            AddressSpace space = machine.space();
            GuestContext caller = machine.thread(space);
            GuestContext attacker = machine.thread(space);
            attacker.setRegister(Register.RIP, GuestMachine.CODE + scribbler);
            attacker.setRegister(Register.RBX, random.nextLong() | 1);
            attacker.setRegister(
                    Register.RDI, ControlMemory.slotAddress(((StubContext) caller).slotNumber()));
            Thread other = Thread.ofPlatform().start(() -> runBriefly(space, attacker));
            for (int i = 0; i < 100; i++) {
                Stop stop = runBriefly(space, caller);
                caller.fpuState();
                caller.save();
                if (stop == Stop.DEAD) {
                    break;
                }
            }
            space.release();
            join(other);
        }
        assertWorks();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** With GS base elsewhere a rewritten call reads and writes the guest's own memory. */
    @Test
    void aFalseGsBaseHarmsTheGuestAlone() throws PlatformException {
        long[] bases = {
            0, GuestMachine.DATA, StubLayout.STUB_RING, -4096, 1L << 47, StubLayout.STUB_SLOTS
        };
        for (long base : bases) {
            machine.data(0, 0);
            // wrgsbase rdi; then the call as a cell makes it
            Code code = new Code().set(Code.RDI, base).hex("f3 48 0f ae df").set(Code.RAX, 39);
            code.set(Code.RCX, GuestMachine.CODE).go(StubLayout.STUB_FAST_ENTRY);
            machine.load(code);
            AddressSpace space = machine.space();
            GuestContext guest = machine.thread(space);
            assertNotNull(runBriefly(space, guest));
            space.release();
            assertWorks();
        }
    }

    /** A thread that leaves through the stub's own exit is reported, not waited for. */
    @Test
    void aThreadThatEndsItselfIsDead() throws PlatformException {
        byte[] text = stubText();
        int call = -1;
        for (int offset = 0; offset + 1 < text.length; offset++) {
            if (text[offset] == 0x0f && text[offset + 1] == 0x05) {
                call = offset;
            }
        }
        assertNotEquals(-1, call);
        machine.load(new Code().set(Code.RAX, 60).go(StubLayout.STUB_BASE + call));
        AddressSpace space = machine.space();
        GuestContext guest = machine.thread(space);
        assertEquals(Stop.DEAD, guest.run());
        assertEquals(Stop.DEAD, guest.run());
        // Its address space goes on.
        machine.load(new Code().call(39));
        GuestContext next = machine.thread(space);
        assertEquals(Stop.SYSCALL, next.run());
        space.release();
    }

    /**
     * A guest that returns from a signal of its own making, through the stub's text, can block what
     * the host uses to interrupt it. It is ended.
     */
    @Test
    void aGuestThatDoesNotAnswerIsEnded() throws PlatformException {
        try (GuestMachine impatient = new GuestMachine(GuestMachine.stub(), true, 1)) {
            GuestContext guest = impatient.run(new Code().call(39).jump(7));
            assertEquals(Stop.SYSCALL, guest.run());
            int number = ((StubContext) guest).slotNumber();
            ByteBuffer slot = impatient.platform().control().slot(number);
            slot.putLong(slot.getInt(SlotLayout.SLOT_CONTEXT) + SignalFrame.SIGNAL_MASK, -1);
            Future<?> interrupt =
                    rescue.schedule(guest::interrupt, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            assertEquals(Stop.DEAD, guest.run());
            assertTrue(interrupt.isDone());
        }
    }

    /** A thread that is not in guest code may take its time. */
    @Test
    void aSlowKernelIsNoReasonToEndAGuest() throws PlatformException, InterruptedException {
        try (GuestMachine impatient = new GuestMachine(GuestMachine.stub(), true, 1)) {
            GuestContext guest = impatient.run(new Code().call(39).jump(0));
            Thread interrupter = Thread.ofPlatform().start(guest::interrupt);
            guest.run();
            interrupter.join();
            guest.interrupt();
            new CountDownLatch(1).await(4, TimeUnit.SECONDS);
            assertEquals(Stop.INTERRUPTED, guest.run());
            // The call is still to come, or it came before the first interruption and the guest
            // loops.
            Future<?> interrupt =
                    rescue.schedule(guest::interrupt, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            Stop stop = guest.run();
            assertTrue(stop == Stop.SYSCALL || stop == Stop.INTERRUPTED);
            interrupt.cancel(false);
        }
    }
}
