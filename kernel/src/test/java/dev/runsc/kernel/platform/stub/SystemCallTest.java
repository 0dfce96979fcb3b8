package dev.runsc.kernel.platform.stub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.kernel.platform.AddressSpace;
import dev.runsc.kernel.platform.CpuState;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.GuestContext.Stop;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.Register;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * System calls of every kind reach the kernel with the right registers, and nothing reaches the
 * host.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SystemCallTest {
    private static final int GETPID = 39;
    private static final int URETPROBE = 335;
    private static final int UPROBE = 336;
    private static final int X32_BIT = 0x4000_0000;
    private static final long SELECTORS = 0x002b_0000_0000_0033L;

    private GuestMachine machine;

    @BeforeAll
    void start() throws PlatformException {
        machine = new GuestMachine(false);
    }

    @AfterAll
    void end() {
        machine.close();
    }

    @Test
    void aCallShowsItsArgumentsAndTakesItsResult() throws PlatformException {
        Code code = new Code();
        code.set(Code.RDI, 1).set(Code.RSI, 2).set(Code.RDX, 3).set(10, 4).set(8, 5).set(9, 6);
        code.set(15, 0x123456789abcdefL).call(GETPID);
        int behind = code.size();
        code.hex("48 89 c7").call(60); // mov rdi, rax; exit
        GuestContext guest = machine.run(code);

        assertEquals(Stop.SYSCALL, guest.run());
        assertEquals(GETPID, guest.register(Register.RAX));
        assertEquals(1, guest.register(Register.RDI));
        assertEquals(2, guest.register(Register.RSI));
        assertEquals(3, guest.register(Register.RDX));
        assertEquals(4, guest.register(Register.R10));
        assertEquals(5, guest.register(Register.R8));
        assertEquals(6, guest.register(Register.R9));
        assertEquals(0x123456789abcdefL, guest.register(Register.R15));
        assertEquals(GuestMachine.CODE + behind, guest.register(Register.RIP));
        assertEquals(GuestMachine.CODE + behind, guest.register(Register.RCX));
        assertEquals(SELECTORS & 0xffffL, guest.register(Register.SELECTORS) & 0xffffL);

        guest.setRegister(Register.RAX, 4711);
        assertEquals(Stop.SYSCALL, guest.run());
        assertEquals(60, guest.register(Register.RAX));
        assertEquals(4711, guest.register(Register.RDI));
    }

    @Test
    void everyCallNumberReachesTheKernel() throws PlatformException {
        // loop: syscall; jmp loop, with the number set by us
        GuestContext guest = machine.run(new Code().hex("0f05").jump(0));
        for (long number = -1; number < 1000; number++) {
            if (number == URETPROBE || number == UPROBE) {
                continue;
            }
            guest.setRegister(Register.RAX, number);
            assertEquals(Stop.SYSCALL, guest.run(), () -> "signal " + guest.signal());
            assertEquals(number, guest.register(Register.RAX));
        }
    }

    /**
     * The calls of the host's own probes bypass seccomp (kernel/seccomp.c); from elsewhere they end
     * in SIGILL or ENXIO.
     */
    @Test
    void theCallsOfProbesHaveNoEffect() throws PlatformException {
        for (int number : new int[] {URETPROBE, UPROBE}) {
            GuestContext guest = machine.run(new Code().call(number).hex("0f0b"));
            Stop stop = guest.run();
            if (stop == Stop.SYSCALL) {
                assertEquals(number, guest.register(Register.RAX));
            } else {
                assertEquals(SignalNumbers.SIGILL, guest.signal());
            }
        }
    }

    @Test
    void aCallNumberOfX32ReachesTheKernelAsItIs() throws PlatformException {
        GuestContext guest = machine.run(new Code().call(X32_BIT | GETPID));
        assertEquals(Stop.SYSCALL, guest.run());
        assertEquals(X32_BIT | GETPID, guest.register(Register.RAX));
    }

    @Test
    void theGateOf32BitCodeIsNotThere() throws PlatformException {
        GuestContext guest = machine.run(new Code().hex("b8 14000000 cd80"));
        assertEquals(Stop.EXCEPTION, guest.run());
        assertEquals(SignalNumbers.SIGSEGV, guest.signal());
        assertEquals(SignalFrame.SI_KERNEL, guest.signalCode());
        assertEquals(GuestMachine.CODE + 5, guest.register(Register.RIP));
        assertEquals(13, guest.register(Register.TRAPNO));
        assertEquals(0x14, guest.register(Register.RAX));
    }

    /** The emulated page exists on most hosts; where it does not, the fetch faults there. */
    @Test
    void aCallIntoTheVsyscallPageReachesTheKernel() throws PlatformException {
        int[] numbers = {96, 201, 309}; // gettimeofday, time, getcpu
        for (int i = 0; i < numbers.length; i++) {
            long entry = 0xffff_ffff_ff60_0000L + 0x400L * i;
            Code code = new Code().set(Code.RDI, 0).set(Code.RAX, entry).hex("ffd0"); // call rax
            int behind = code.size();
            GuestContext guest = machine.run(code.hex("0f0b"));
            long stack = guest.register(Register.RSP);
            Stop stop = guest.run();
            if (stop == Stop.FAULT) {
                assertEquals(entry, guest.faultAddress());
                assertEquals(entry, guest.register(Register.RIP));
                continue;
            }
            assertEquals(Stop.SYSCALL, stop);
            assertEquals(numbers[i], guest.register(Register.RAX));
            assertEquals(GuestMachine.CODE + behind, guest.register(Register.RIP));
            assertEquals(stack, guest.register(Register.RSP));
        }
    }

    @Test
    void sysenterIsNoWayOut() throws PlatformException {
        GuestContext guest = machine.run(new Code().set(Code.RAX, 20).hex("0f34").jump(0));
        Stop stop = guest.run();
        assertTrue(stop == Stop.EXCEPTION || stop == Stop.FAULT || stop == Stop.DEAD, stop.name());
    }

    @Test
    void segmentBasesAreTheThreads() throws PlatformException {
        // mov rax, fs:[0]; mov rbx, gs:[0]; syscall
        Code code = new Code().hex("64 48 8b 04 25 00000000 65 48 8b 1c 25 00000000 0f05");
        GuestContext guest = machine.run(code);
        machine.data(0, 17);
        machine.data(64, 18);
        guest.setFsBase(GuestMachine.DATA);
        guest.setGsBase(GuestMachine.DATA + 64);
        assertEquals(Stop.SYSCALL, guest.run());
        assertEquals(17, guest.register(Register.RAX));
        assertEquals(18, guest.register(Register.RBX));
        assertEquals(GuestMachine.DATA, guest.fsBase());
        assertEquals(GuestMachine.DATA + 64, guest.gsBase());
    }

    @Test
    void theGuestsOwnChangeOfFsBaseIsSeen() throws PlatformException {
        // wrfsbase rdi; syscall
        GuestContext guest =
                machine.run(new Code().set(Code.RDI, 0x1234).hex("f3 48 0f ae d7 0f05"));
        Stop stop = guest.run();
        if (stop == Stop.SYSCALL) {
            assertEquals(0x1234, guest.fsBase());
        } else {
            assertEquals(SignalNumbers.SIGILL, guest.signal());
        }
    }

    @Test
    void aSavedThreadGoesOnInAnotherProcess() throws PlatformException {
        Code code = new Code().set(Code.RBX, 5).set(14, 6).call(GETPID);
        GuestContext guest = machine.run(code.hex("48 01 c3 4c 01 f3 0f05")); // rbx += rax + r14
        guest.setFsBase(0x1000);
        assertEquals(Stop.SYSCALL, guest.run());
        guest.setRegister(Register.RAX, 100);
        CpuState state = guest.save();
        guest.release();

        AddressSpace other = machine.space();
        GuestContext next = other.newContext();
        next.load(state);
        assertEquals(Stop.SYSCALL, next.run());
        assertEquals(111, next.register(Register.RBX));
        assertEquals(0x1000, next.fsBase());
    }
}
