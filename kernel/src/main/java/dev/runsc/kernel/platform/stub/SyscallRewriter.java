package dev.runsc.kernel.platform.stub;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the system call site {@code mov eax, imm32; syscall} becomes a jump into the stub that needs
 * no signal. Pure computation on bytes: whoever owns the guest's memory finds room for cells,
 * writes, and keeps one lock over all of it.
 *
 * <pre>
 *   site  b8 n0 n1 n2 n3  0f 05     mov eax, number; syscall
 *     ->  ff 24 25 c0 c1  06 c3     jmp [cell]           the cell's address is 0xc306c1c0
 *
 *   cell  +0  address of +8
 *         +8  48 b9 site+7    mov rcx, return address
 *        +18  b8 number       mov eax, number
 *        +23  49 bb pointer   mov r11, STUB_CALL_POINTER
 *        +33  41 ff 23        jmp [r11]                  rcx and r11 are what a system call may change anyway
 * </pre>
 *
 * <p>Cells lie where the address's third byte is 06, which is no instruction: a thread that stood
 * behind the {@code mov}, or jumps straight to the {@code syscall}, gets SIGILL there and {@link
 * #classify} knows it as the call it is. The same byte stands at the site's start while its tail
 * changes. So no thread ever runs a half-written site.
 *
 * <p>Sites and cells are guest memory: they are copied by fork and stand in images. All that they
 * name of the stub is STUB_CALL_POINTER, which is constant; where the fast entry cannot work it
 * leads to a slow one.
 */
public final class SyscallRewriter {
    public static final int SITE_BYTES = 7;

    /** The {@code syscall} instruction in a site. */
    public static final int CALL_OFFSET = 5;

    public static final int CELL_BYTES = 40;

    /** Cells fit a region of this size and alignment whose address has 06 as third byte. */
    public static final long REGION_BYTES = 0x1_0000;

    /** The lowest region; the others follow at {@link #REGION_STEP}. */
    public static final long FIRST_REGION = 0x6_0000;

    public static final long REGION_STEP = 0x100_0000;

    /** Cells are reached by a sign-extended address of 32 bits. */
    public static final long REGION_LIMIT = 0x8000_0000L;

    /** Bytes before and from an instruction on that {@link #classify} wants to see. */
    public static final int BYTES_BEFORE = 5;

    public static final int BYTES_FROM = 7;

    /** Bytes that {@link #isAmbiguous} wants to see. */
    public static final int BYTES_OF_LOOK_BACK = 3;

    private static final byte INVALID = 0x06;
    private static final byte MOV_EAX = (byte) 0xb8;
    private static final int CODE_OFFSET = 8;
    private static final byte[] JUMP = {(byte) 0xff, 0x24, 0x25};
    private static final byte[] CALL = {0x0f, 0x05};

    private SyscallRewriter() {}

    /**
     * One write to the site, to be seen by all CPUs ({@code AddressSpace.synchronizeCode} and
     * {@code flush}, when further threads of the address space may run) before the next.
     *
     * @param offset from the site's start
     */
    public record Step(int offset, byte[] bytes) {}

    /** What an invalid instruction is. */
    public enum Illegal {
        /** The guest's own. */
        GUEST,
        /** A site was being rewritten as the thread came by: run again from the same address. */
        RUN_AGAIN,
        /**
         * The {@code syscall} of a rewritten site: a system call with the registers as they are,
         * two bytes long.
         */
        CALL
    }

    /**
     * Whether a stop at a system call came from a site that can be rewritten.
     *
     * @param before the seven bytes before RIP, as they are now
     * @param number RAX at the stop
     */
    public static boolean matches(byte[] before, long number) {
        ByteBuffer site = ByteBuffer.wrap(before).order(ByteOrder.LITTLE_ENDIAN);
        return before.length == SITE_BYTES
                && site.get(0) == MOV_EAX
                && Integer.toUnsignedLong(site.getInt(1)) == number
                && site.get(CALL_OFFSET) == CALL[0]
                && site.get(CALL_OFFSET + 1) == CALL[1];
    }

    /**
     * Whether what looks like the site's {@code mov} may be the end of a longer instruction: {@code
     * mov r8d, imm32}, or one with that byte as displacement and an immediate behind it.
     *
     * @param before the {@link #BYTES_OF_LOOK_BACK} bytes before the site; those that cannot be
     *     read are 0
     */
    public static boolean isAmbiguous(byte[] before) {
        int third = Byte.toUnsignedInt(before[0]);
        int second = Byte.toUnsignedInt(before[1]);
        int last = Byte.toUnsignedInt(before[2]);
        boolean prefix = last >> 3 == 0x40 >> 3;
        boolean displacement = takesImmediate(second) && last >> 6 == 1;
        boolean indexed = takesImmediate(third) && (second & 0xc7) == 0x44;
        return prefix || displacement || indexed;
    }

    /** Opcodes with a memory operand and an immediate of 32 bits. */
    private static boolean takesImmediate(int opcode) {
        return opcode == 0xc7 || opcode == 0x81 || opcode == 0x69 || opcode == 0xf7;
    }

    /** Whether an instruction of a site as it was begins here: none that can be invalid. */
    public static boolean isPlain(byte[] window) {
        boolean call = window[BYTES_BEFORE] == CALL[0] && window[BYTES_BEFORE + 1] == CALL[1];
        return call || window[BYTES_BEFORE] == MOV_EAX;
    }

    /** Whether an address may be inside a cell. */
    public static boolean isInRegion(long address) {
        long inRegion = address & (REGION_STEP - 1) & -REGION_BYTES;
        return address >= 0 && address < REGION_LIMIT && inRegion == FIRST_REGION;
    }

    /** Whether a cell can lie at this address. */
    public static boolean isCellAddress(long address) {
        return isInRegion(address)
                && (address & (Long.BYTES - 1)) == 0
                && (address & (REGION_BYTES - 1)) <= REGION_BYTES - CELL_BYTES;
    }

    /** The bytes of a cell; it must be in place before the site's first step. */
    public static byte[] cell(long cellAddress, int number, long returnAddress) {
        requireCell(cellAddress);
        ByteBuffer cell = ByteBuffer.allocate(CELL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        cell.putLong(cellAddress + CODE_OFFSET);
        cell.put((byte) 0x48).put((byte) 0xb9).putLong(returnAddress);
        cell.put(MOV_EAX).putInt(number);
        cell.put((byte) 0x49).put((byte) 0xbb).putLong(StubLayout.STUB_CALL_POINTER);
        cell.put((byte) 0x41).put((byte) 0xff).put((byte) 0x23);
        return cell.array();
    }

    /** The writes that turn a site into a jump through a cell, in order. */
    public static List<Step> steps(long cellAddress) {
        byte[] patched = site(cellAddress);
        return List.of(
                new Step(0, new byte[] {INVALID}),
                new Step(CALL_OFFSET, new byte[] {INVALID}),
                new Step(1, new byte[] {patched[1], patched[2], patched[3], patched[4]}),
                new Step(CALL_OFFSET + 1, new byte[] {patched[CALL_OFFSET + 1]}),
                new Step(0, new byte[] {patched[0]}));
    }

    /** The writes that turn a jump back into the site that it was, in order. */
    public static List<Step> stepsBack(int number) {
        byte[] plain = plainSite(number);
        return List.of(
                new Step(0, new byte[] {INVALID}),
                new Step(1, new byte[] {plain[1], plain[2], plain[3], plain[4]}),
                new Step(CALL_OFFSET + 1, new byte[] {plain[CALL_OFFSET + 1]}),
                new Step(CALL_OFFSET, new byte[] {plain[CALL_OFFSET]}),
                new Step(0, new byte[] {plain[0]}));
    }

    /** A site as it is before it is rewritten. */
    public static byte[] plainSite(int number) {
        ByteBuffer site = ByteBuffer.allocate(SITE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return site.put(MOV_EAX).putInt(number).put(CALL).array();
    }

    /** A site as it is afterwards. */
    public static byte[] site(long cellAddress) {
        requireCell(cellAddress);
        ByteBuffer site = ByteBuffer.allocate(SITE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return site.put(JUMP).putInt((int) cellAddress).array();
    }

    private static void requireCell(long cellAddress) {
        if (!isCellAddress(cellAddress)) {
            throw new IllegalArgumentException("no cell at 0x%x".formatted(cellAddress));
        }
    }

    /**
     * The cell that seven bytes jump through, or null if they are no rewritten site. The caller
     * knows whether there is such a cell.
     */
    public static @Nullable Long findCell(byte[] site) {
        ByteBuffer bytes = ByteBuffer.wrap(site).order(ByteOrder.LITTLE_ENDIAN);
        if (site.length != SITE_BYTES
                || site[0] != JUMP[0]
                || site[1] != JUMP[1]
                || site[2] != JUMP[2]) {
            return null;
        }
        long cell = bytes.getInt(JUMP.length);
        return isCellAddress(cell) ? cell : null;
    }

    /**
     * What to do about a SIGILL. To be asked, and the bytes read, under the lock that rewriting
     * holds.
     *
     * @param window {@link #BYTES_BEFORE} bytes before RIP and {@link #BYTES_FROM} from it on;
     *     those that cannot be read are 0
     */
    public static Illegal classify(byte[] window) {
        byte[] behind = new byte[SITE_BYTES];
        System.arraycopy(window, BYTES_BEFORE - CALL_OFFSET, behind, 0, SITE_BYTES);
        if (findCell(behind) != null) {
            return Illegal.CALL;
        }
        byte[] here = new byte[SITE_BYTES];
        System.arraycopy(window, BYTES_BEFORE, here, 0, SITE_BYTES);
        return findCell(here) == null ? Illegal.GUEST : Illegal.RUN_AGAIN;
    }
}
