package dev.runsc.kernel.platform.stub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.kernel.platform.AddressSpace;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.GuestContext.Stop;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.Register;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Many threads and many address spaces, at once and one after the other. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
final class ThreadTest {
    private static final int CALL = 39;

    private final boolean rewriting;
    private GuestMachine machine;

    ThreadTest(boolean rewriting) {
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

    /**
     * Adds its number to a shared counter, then asks for more, for ever: lock xadd [rdi], rsi;
     * syscall; jmp.
     */
    private static Code counting() {
        return new Code().hex("f0 48 0f c1 37").call(CALL).jump(0);
    }

    private static void inParallel(List<Callable<Void>> jobs)
            throws InterruptedException, ExecutionException {
        try (ExecutorService pool = Executors.newFixedThreadPool(jobs.size())) {
            for (Future<Void> future : pool.invokeAll(jobs)) {
                future.get();
            }
        }
    }

    @Test
    void manyThreadsShareOneAddressSpace()
            throws PlatformException, InterruptedException, ExecutionException {
        machine.load(counting());
        AddressSpace space = machine.space();
        List<Callable<Void>> jobs = new ArrayList<>();
        int threads = 64;
        int rounds = 200;
        for (int i = 0; i < threads; i++) {
            long number = i;
            jobs.add(() -> {
                GuestContext guest = machine.thread(space);
                guest.setRegister(Register.RDI, GuestMachine.DATA);
                guest.setFsBase(number << 12);
                for (int round = 0; round < rounds; round++) {
                    guest.setRegister(Register.RSI, number);
                    assertEquals(Stop.SYSCALL, guest.run());
                    assertEquals(number << 12, guest.fsBase());
                }
                guest.release();
                return null;
            });
        }
        inParallel(jobs);
        assertEquals(rounds * (threads * (threads - 1L) / 2), machine.data(0));
    }

    @Test
    void aThreadAfterAnotherStartsClean() throws PlatformException {
        // stmxcsr [rdi]; syscall; loop
        machine.load(new Code().hex("0f ae 1f").call(CALL).jump(0));
        AddressSpace space = machine.space();
        for (int i = 0; i < 100; i++) {
            List<GuestContext> guests = new ArrayList<>();
            for (int n = 0; n < 12; n++) {
                GuestContext guest = machine.thread(space);
                assertEquals(0, guest.fsBase());
                assertEquals(0, guest.register(Register.RBX));
                guest.setRegister(Register.RBX, 7);
                guest.setRegister(Register.RDI, GuestMachine.DATA);
                guest.setFsBase(0x1000);
                machine.data(0, 0);
                assertEquals(Stop.SYSCALL, guest.run());
                assertEquals(0x1f80, machine.data(0));
                byte[] fpu = guest.fpuState();
                fpu[25] = 0x7f;
                fpu[512] |= 3;
                guest.setFpuState(fpu);
                assertEquals(Stop.SYSCALL, guest.run());
                guests.add(guest);
            }
            guests.forEach(GuestContext::release);
        }
        space.release();
    }

    @Test
    void addressSpacesComeAndGoByTheHundred() throws PlatformException {
        machine.load(counting());
        List<AddressSpace> alive = new ArrayList<>();
        for (int i = 1; i <= 400; i++) {
            AddressSpace space = machine.space();
            GuestContext guest = machine.thread(space);
            guest.setRegister(Register.RDI, GuestMachine.DATA);
            guest.setRegister(Register.RSI, 1);
            assertEquals(Stop.SYSCALL, guest.run());
            assertEquals(i, machine.data(0));
            if (i % 10 == 0) {
                alive.add(space);
            } else {
                guest.release();
                space.release();
                space.release();
            }
        }
        alive.forEach(AddressSpace::release);
    }

    @Test
    void addressSpacesAreApart() throws PlatformException {
        machine.load(new Code().hex("48 8b 07 0f05").jump(0)); // mov rax, [rdi]; syscall
        List<GuestContext> guests = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            AddressSpace space = machine.platform().newAddressSpace();
            space.mapMemory(GuestMachine.CODE, 4096, 0, GuestMachine.READ_EXECUTE, false);
            long offset = GuestMachine.DATA_OFFSET + 4096L * i;
            space.mapMemory(GuestMachine.DATA, 4096, offset, GuestMachine.READ, false);
            machine.data(4096L * i, i);
            GuestContext guest = machine.thread(space);
            guest.setRegister(Register.RDI, GuestMachine.DATA);
            guests.add(guest);
        }
        for (int i = 0; i < 20; i++) {
            assertEquals(Stop.SYSCALL, guests.get(i).run());
            assertEquals(i, guests.get(i).register(Register.RAX));
        }
    }

    @Test
    void aReleasedAddressSpaceStopsItsThreads()
            throws PlatformException, InterruptedException, ExecutionException {
        machine.load(new Code().hex("48 ff 07").jump(0)); // inc [rdi]; jmp
        AddressSpace space = machine.space();
        List<Callable<Void>> jobs = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            GuestContext guest = machine.thread(space);
            long at = 64L * i;
            guest.setRegister(Register.RDI, GuestMachine.DATA + at);
            jobs.add(() -> {
                assertEquals(Stop.DEAD, guest.run());
                assertEquals(Stop.DEAD, guest.run());
                guest.interrupt();
                assertEquals(Stop.DEAD, guest.run());
                assertNotEquals(0, machine.data(at));
                guest.release();
                return null;
            });
        }
        jobs.add(() -> {
            for (int i = 0; i < 4; i++) {
                while (machine.data(64L * i) == 0) {
                    Thread.onSpinWait();
                }
            }
            space.release();
            return null;
        });
        inParallel(jobs);
        assertTrue(machine.data(0) > 0);
    }
}
