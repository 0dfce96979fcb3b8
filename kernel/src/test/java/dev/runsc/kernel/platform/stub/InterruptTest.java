package dev.runsc.kernel.platform.stub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.kernel.platform.AddressSpace;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.GuestContext.Stop;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.Register;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Interrupts are never lost, whatever the thread is at, and never change the guest's state. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
@Timeout(120)
final class InterruptTest {
    private static final int ROUNDS = 20_000;

    private final boolean rewriting;
    private GuestMachine machine;

    InterruptTest(boolean rewriting) {
        this.rewriting = rewriting;
    }

    @BeforeEach
    void start() throws PlatformException {
        machine = new GuestMachine(rewriting);
    }

    @AfterEach
    void end() {
        machine.close();
    }

    @Test
    void anInterruptBeforeRunningCountsOnce() throws PlatformException {
        GuestContext guest = machine.run(new Code().hex("0f05").jump(0));
        guest.interrupt();
        guest.interrupt();
        assertEquals(Stop.INTERRUPTED, guest.run());
        assertEquals(Stop.SYSCALL, guest.run());
    }

    /** Every interrupt of a guest that makes no calls must bring a stop. */
    @Test
    void aSpinningGuestIsStoppedEachTime() throws PlatformException, InterruptedException {
        GuestContext guest = machine.run(new Code().hex("48 ff c3").jump(0)); // inc rbx; jmp
        Semaphore stopped = new Semaphore(1);
        Thread interrupter =
                Thread.ofPlatform()
                        .start(() -> {
                            for (int i = 0; i < ROUNDS; i++) {
                                stopped.acquireUninterruptibly();
                                guest.interrupt();
                            }
                        });
        long before = 0;
        for (int i = 0; i < ROUNDS; i++) {
            assertEquals(Stop.INTERRUPTED, guest.run());
            stopped.release();
            long now = guest.register(Register.RBX);
            assertTrue(Long.compareUnsigned(now, before) >= 0);
            before = now;
        }
        interrupter.join();
    }

    /**
     * The same with a guest that makes calls all the time, so that kicks hit every part of the way
     * in and out. A lost one shows as a wait without end; a damaged register as a wrong sum.
     */
    @Test
    void aCallingGuestIsStoppedEachTimeAndComputesRightly()
            throws PlatformException, InterruptedException {
        machine.load(callingCode());
        AddressSpace space = machine.space();
        prepareCell(space);
        GuestContext guest = machine.thread(space);
        Semaphore wanted = new Semaphore(0);
        AtomicBoolean end = new AtomicBoolean();
        Thread interrupter =
                Thread.ofPlatform()
                        .start(() -> {
                            long seed = 42;
                            while (!end.get()) {
                                wanted.acquireUninterruptibly();
                                seed = seed * 6364136223846793005L + 1442695040888963407L;
                                for (long n = seed >>> 54; n > 0; n--) {
                                    Thread.onSpinWait();
                                }
                                guest.interrupt();
                            }
                        });
        long calls = 0;
        int interrupts = 0;
        wanted.release();
        while (interrupts < ROUNDS) {
            switch (guest.run()) {
                case SYSCALL -> {
                    assertEquals(0x27, guest.register(Register.RAX));
                    guest.setRegister(Register.RAX, calls);
                    calls++;
                }
                case INTERRUPTED -> {
                    interrupts++;
                    wanted.release();
                }
                default ->
                        throw new AssertionError(
                                guest.signal()
                                        + " at 0x"
                                        + Long.toHexString(guest.register(Register.RIP)));
            }
        }
        end.set(true);
        wanted.release();
        interrupter.join();
        finish(guest, calls);
    }

    /** rbx: sum of results, rbp: calls. The pattern of registers is checked by the guest itself. */
    private Code callingCode() {
        Code code = new Code().set(12, 0x1212121212121212L);
        int loop = code.size();
        if (rewriting) {
            code.hex("ff 24 25 00 00 06 00"); // a rewritten site
        } else {
            code.call(0x27);
        }
        returnAddress = GuestMachine.CODE + code.size();
        code.hex("48 01 c3 48 ff c5"); // add rbx, rax; inc rbp
        code.set(11, 0x1212121212121212L).hex("4d 39 dc"); // cmp r12, r11
        return code.jump(0x74, loop).hex("0f0b"); // je loop; ud2
    }

    private long returnAddress;

    private void prepareCell(AddressSpace space) {
        byte[] cell = SyscallRewriter.cell(SyscallRewriter.FIRST_REGION, 0x27, returnAddress);
        java.lang.foreign.MemorySegment.copy(
                cell,
                0,
                machine.memory(),
                java.lang.foreign.ValueLayout.JAVA_BYTE,
                GuestMachine.CODE_BYTES,
                cell.length);
        space.mapMemory(
                SyscallRewriter.FIRST_REGION,
                4096,
                GuestMachine.CODE_BYTES,
                GuestMachine.READ_EXECUTE,
                false);
    }

    private static void finish(GuestContext guest, long calls) {
        Stop stop;
        do {
            stop = guest.run();
        } while (stop == Stop.INTERRUPTED);
        assertEquals(Stop.SYSCALL, stop);
        assertEquals(calls, guest.register(Register.RBP));
        assertEquals(calls * (calls - 1) / 2, guest.register(Register.RBX));
    }

    /** An interrupt is answered promptly by the process, not at its next stop. */
    @Test
    void aThreadInALongComputationIsStoppedWithoutHelp() throws PlatformException {
        GuestContext guest = machine.run(new Code().jump(0));
        Thread.ofVirtual().start(guest::interrupt);
        long start = System.nanoTime();
        assertEquals(Stop.INTERRUPTED, guest.run());
        assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(60));
    }
}
