package dev.runsc.kernel.platform.stub;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/** Machine code put together by hand. */
final class Code {
    /** Register numbers as in instruction encodings. */
    static final int RAX = 0;

    static final int RCX = 1;
    static final int RDX = 2;
    static final int RBX = 3;
    static final int RSP = 4;
    static final int RBP = 5;
    static final int RSI = 6;
    static final int RDI = 7;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** Bytes in hexadecimal, blanks between them as one likes. */
    Code hex(String bytes) {
        out.writeBytes(HexFormat.of().parseHex(bytes.replace(" ", "")));
        return this;
    }

    private Code number(long value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (value >>> 8 * i));
        }
        return this;
    }

    /** mov register, value. */
    Code set(int register, long value) {
        out.write(register < 8 ? 0x48 : 0x49);
        out.write(0xb8 + (register & 7));
        return number(value, Long.BYTES);
    }

    /** mov eax, number; syscall: the pattern that can be rewritten. */
    Code call(int number) {
        out.write(0xb8);
        number(number, Integer.BYTES);
        return hex("0f05");
    }

    /** jmp, or with another opcode a conditional jump, to an offset from the start of the code. */
    Code jump(int opcode, int target) {
        out.write(opcode);
        return number(target - out.size() - 1, 1);
    }

    Code jump(int target) {
        return jump(0xeb, target);
    }

    /** jmp to an absolute address, by way of r11. */
    Code go(long address) {
        return set(11, address).hex("41 ff e3");
    }

    int size() {
        return out.size();
    }

    byte[] bytes() {
        return out.toByteArray();
    }
}
