package dev.runsc.kernel.task.loader;

import static dev.runsc.gofer.abi.MmapFlags.MAP_ANONYMOUS;
import static dev.runsc.gofer.abi.MmapFlags.MAP_FIXED;
import static dev.runsc.gofer.abi.MmapFlags.MAP_GROWSDOWN;
import static dev.runsc.gofer.abi.MmapFlags.MAP_PRIVATE;
import static dev.runsc.gofer.abi.MmapFlags.MAP_STACK;
import static dev.runsc.gofer.abi.MmapFlags.PROT_EXEC;
import static dev.runsc.gofer.abi.MmapFlags.PROT_READ;
import static dev.runsc.gofer.abi.MmapFlags.PROT_WRITE;

import dev.runsc.gofer.abi.AuxVector;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.Addresses;
import dev.runsc.kernel.memory.MapRequest;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.platform.Platform;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The stack a program starts on: strings at the top, below them the auxiliary vector, the
 * environment, the arguments and their count (System V ABI, AMD64 supplement 3.4.1; Linux
 * create_elf_tables).
 */
final class InitialStack {
    /** MAX_ARG_STRLEN. */
    private static final int MAX_STRING_BYTES = 128 << 10;

    private static final long MAX_TOTAL_BYTES = 6L << 20;
    private static final long SPARE_BYTES = 128 << 10;
    private static final long STACK_RANDOM_PAGES = 0x3fffff;
    private static final byte[] PLATFORM = {'x', '8', '6', '_', '6', '4', 0};

    private final List<byte[]> arguments;
    private final List<byte[]> environment;
    private final byte[] fileName;

    private long argStart;
    private long argEnd;
    private long envEnd;
    private long auxvStart;
    private long auxvEnd;
    private long stackPointer;

    InitialStack(List<byte[]> arguments, List<byte[]> environment, byte[] fileName) {
        this.arguments = arguments.isEmpty() ? List.of(new byte[0]) : arguments;
        this.environment = environment;
        this.fileName = fileName;
    }

    /**
     * @throws ErrnoException E2BIG
     */
    void checkSize(long stackLimitBytes) throws ErrnoException {
        long total = 0;
        for (List<byte[]> strings : List.of(arguments, environment)) {
            for (byte[] string : strings) {
                if (string.length >= MAX_STRING_BYTES) {
                    throw Errno.E2BIG.error();
                }
                total += string.length + 1 + Long.BYTES;
            }
        }
        long limit = Math.min(MAX_TOTAL_BYTES, Math.max(SPARE_BYTES, stackLimitBytes / 4));
        if (total > limit) {
            throw Errno.E2BIG.error();
        }
    }

    /** Maps the stack and fills it. */
    void build(
            MemoryManager memory,
            Map<Integer, Long> auxiliary,
            boolean executable,
            RandomGenerator random)
            throws ErrnoException {
        long top =
                Platform.MAX_USER_ADDRESS
                        - (random.nextLong() & STACK_RANDOM_PAGES) * Platform.PAGE_SIZE;
        ByteBuffer strings = strings(random);
        int vectorBytes = vectorBytes(auxiliary.size() + 3);
        long stringsStart = top - strings.limit();
        long start = stringsStart - vectorBytes & -16L;
        long mapped = Addresses.pageUp(top - start + SPARE_BYTES);
        memory.map(
                MapRequest.anonymous(
                                top - mapped,
                                mapped,
                                PROT_READ | PROT_WRITE | (executable ? PROT_EXEC : 0),
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN | MAP_STACK)
                        .withName("[stack]"));
        memory.copyOut(stringsStart, strings.array());
        memory.copyOut(start, vector(start, vectorBytes, stringsStart, auxiliary));
        stackPointer = start;
    }

    // Offsets of the parts within the strings, set by strings().
    private int randomAt;
    private int platformAt;
    private int argumentsAt;
    private int environmentAt;
    private int fileNameAt;

    private ByteBuffer strings(RandomGenerator random) {
        int size = 16 + PLATFORM.length;
        for (byte[] string : arguments) {
            size += string.length + 1;
        }
        for (byte[] string : environment) {
            size += string.length + 1;
        }
        size += fileName.length + 1 + Long.BYTES;
        ByteBuffer out = ByteBuffer.allocate(size);
        byte[] secret = new byte[16];
        random.nextBytes(secret);
        randomAt = out.position();
        out.put(secret);
        platformAt = out.position();
        out.put(PLATFORM);
        argumentsAt = out.position();
        arguments.forEach(string -> out.put(string).put((byte) 0));
        environmentAt = out.position();
        environment.forEach(string -> out.put(string).put((byte) 0));
        fileNameAt = out.position();
        out.put(fileName).put((byte) 0);
        return out;
    }

    private int vectorBytes(int auxiliaryCount) {
        int words = 1 + arguments.size() + 1 + environment.size() + 1 + 2 * (auxiliaryCount + 1);
        return words * Long.BYTES + 15 & -16;
    }

    private byte[] vector(long start, int size, long stringsStart, Map<Integer, Long> auxiliary) {
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(arguments.size());
        argStart = stringsStart + argumentsAt;
        long next = putAddresses(out, arguments, argStart);
        argEnd = next;
        envEnd = putAddresses(out, environment, stringsStart + environmentAt);
        auxvStart = start + out.position();
        LinkedHashMap<Integer, Long> all = new LinkedHashMap<>(auxiliary);
        all.put(AuxVector.AT_RANDOM, stringsStart + randomAt);
        all.put(AuxVector.AT_EXECFN, stringsStart + fileNameAt);
        all.put(AuxVector.AT_PLATFORM, stringsStart + platformAt);
        all.forEach((type, value) -> out.putLong(type).putLong(value));
        out.putLong(AuxVector.AT_NULL).putLong(0);
        auxvEnd = start + out.position();
        return out.array();
    }

    private static long putAddresses(ByteBuffer out, List<byte[]> strings, long first) {
        long address = first;
        for (byte[] string : strings) {
            out.putLong(address);
            address += string.length + 1;
        }
        out.putLong(0);
        return address;
    }

    long stackPointer() {
        return stackPointer;
    }

    long argStart() {
        return argStart;
    }

    long argEnd() {
        return argEnd;
    }

    long envEnd() {
        return envEnd;
    }

    long auxvStart() {
        return auxvStart;
    }

    long auxvEnd() {
        return auxvEnd;
    }
}
