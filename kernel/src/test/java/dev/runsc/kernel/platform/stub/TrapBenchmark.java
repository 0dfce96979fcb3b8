package dev.runsc.kernel.platform.stub;

import dev.runsc.kernel.platform.AddressSpace;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.GuestContext.Stop;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.Register;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Locale;

/**
 * Prints what system calls, faults, threads and address spaces of a guest cost the platform alone.
 * Argument: how many calls.
 */
final class TrapBenchmark {
    private static final int GETPID = 39;
    private static final int EXIT = 60;
    private static final int ROUNDS = 5;
    private static final int BATCH = 500;

    private TrapBenchmark() {}

    public static void main(String[] arguments) throws PlatformException {
        int calls = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 200_000;
        long start = System.nanoTime();
        try (GuestMachine machine = new GuestMachine(true)) {
            print("start of the platform", System.nanoTime() - start, 1);
            for (int i = 0; i < ROUNDS; i++) {
                calls(machine, calls, false);
                calls(machine, calls, true);
            }
            for (int i = 0; i < ROUNDS; i++) {
                faults(machine, 1000);
                mappings(machine, 1000);
                threads(machine, 200);
                spaces(machine, 200);
            }
        }
    }

    private static void print(String what, long nanos, long count) {
        System.out.printf(Locale.ROOT, "%-44s %10.0f ns%n", what, nanos / (double) count);
    }

    private static void calls(GuestMachine machine, int count, boolean rewritten)
            throws PlatformException {
        Code code = new Code().set(Code.RBX, count);
        int loop = code.size();
        if (rewritten) {
            code.hex("ff 24 25 00 00 06 00");
        } else {
            code.call(GETPID);
        }
        int behind = code.size();
        code.hex("48 ff cb").jump(0x75, loop).call(EXIT); // dec rbx; jnz
        machine.load(code);
        AddressSpace space = machine.space();
        byte[] cell =
                SyscallRewriter.cell(
                        SyscallRewriter.FIRST_REGION, GETPID, GuestMachine.CODE + behind);
        long offset = GuestMachine.CODE_BYTES;
        MemorySegment.copy(cell, 0, machine.memory(), ValueLayout.JAVA_BYTE, offset, cell.length);
        space.mapMemory(
                SyscallRewriter.FIRST_REGION, 4096, offset, GuestMachine.READ_EXECUTE, false);
        GuestContext guest = machine.thread(space);
        long[] batches = new long[count / BATCH];
        for (int i = 0; i < batches.length; i++) {
            long start = System.nanoTime();
            answer(guest, BATCH);
            batches[i] = System.nanoTime() - start;
        }
        Arrays.sort(batches);
        String what = rewritten ? "call through a rewritten site" : "call by signal";
        print(what + ", median", batches[batches.length / 2], BATCH);
        print(what + ", best tenth", batches[batches.length / 10], BATCH);
        guest.release();
        space.release();
    }

    private static void answer(GuestContext guest, int count) {
        for (int i = 0; i < count; i++) {
            Stop stop = guest.run();
            if (stop != Stop.SYSCALL || guest.register(Register.RAX) != GETPID) {
                throw new AssertionError(stop);
            }
            guest.setRegister(Register.RAX, 1234);
        }
    }

    /** Each fault is answered by mapping the page. */
    private static void faults(GuestMachine machine, int count) throws PlatformException {
        machine.load(
                new Code()
                        .hex("48 8b 07 48 81 c7 00 10 00 00")
                        .jump(0)); // mov rax,[rdi]; add rdi,4096
        AddressSpace space = machine.space();
        GuestContext guest = machine.thread(space);
        long base = 0x7000_0000L;
        guest.setRegister(Register.RDI, base);
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            if (guest.run() != Stop.FAULT) {
                throw new AssertionError("no fault");
            }
            space.mapMemory(base + 4096L * i, 4096, 4096L * i, GuestMachine.READ, true);
        }
        print("fault answered by a mapping", System.nanoTime() - start, count);
        space.release();
    }

    private static void mappings(GuestMachine machine, int count) throws PlatformException {
        AddressSpace space = machine.space();
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            space.mapMemory(0x7000_0000L + 4096L * i, 4096, 4096L * i, GuestMachine.READ, false);
            space.flush();
        }
        print("mapping and flush", System.nanoTime() - start, count);
        space.release();
    }

    private static void threads(GuestMachine machine, int count) throws PlatformException {
        AddressSpace space = machine.space();
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            space.newContext();
        }
        print("new thread", System.nanoTime() - start, count);
        space.release();
    }

    private static void spaces(GuestMachine machine, int count) throws PlatformException {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            AddressSpace space = machine.space();
            GuestContext guest = space.newContext();
            guest.release();
            space.release();
        }
        print("new address space with a thread, and gone", System.nanoTime() - start, count);
    }
}
