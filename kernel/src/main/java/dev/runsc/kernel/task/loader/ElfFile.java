package dev.runsc.kernel.task.loader;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a 64-bit x86 ELF file (elf(5)), checked: nothing here is trusted further than
 * that.
 *
 * @param positionIndependent ET_DYN: may be loaded anywhere
 * @param entry address to start at, before relocation
 * @param segments the PT_LOAD headers, rising and not overlapping in memory
 * @param interpreter path of PT_INTERP, or null
 * @param headersAddress address of the program headers in memory before relocation, 0 when not
 *     loaded
 * @param executableStack whether PT_GNU_STACK asks for it
 */
record ElfFile(
        boolean positionIndependent,
        long entry,
        List<Segment> segments,
        @Nullable String interpreter,
        long headersAddress,
        int headerCount,
        boolean executableStack) {

    static final int HEADER_BYTES = 64;
    static final int PROGRAM_HEADER_BYTES = 56;

    private static final int MAX_HEADERS = 65536 / PROGRAM_HEADER_BYTES;
    private static final int PATH_MAX = 4096;
    private static final int ET_EXEC = 2;
    private static final int ET_DYN = 3;
    private static final int EM_X86_64 = 62;
    private static final int PT_LOAD = 1;
    private static final int PT_INTERP = 3;
    private static final int PT_PHDR = 6;
    private static final int PT_GNU_STACK = 0x6474e551;
    private static final int PF_X = 1;

    /** One PT_LOAD; flags are PF_X 1, PF_W 2, PF_R 4. */
    record Segment(long offset, long address, long fileBytes, long memoryBytes, int flags) {
        long end() {
            return address + memoryBytes;
        }
    }

    static boolean isElf(byte[] head, int length) {
        return length >= 4 && head[0] == 0x7f && head[1] == 'E' && head[2] == 'L' && head[3] == 'F';
    }

    /**
     * Reads the headers.
     *
     * @throws ErrnoException ENOEXEC when it is no program for this machine
     */
    static ElfFile read(Caller caller, FileDescription file) throws ErrnoException {
        ByteBuffer head = read(caller, file, 0, HEADER_BYTES);
        boolean valid =
                isElf(head.array(), HEADER_BYTES)
                        && head.get(4) == 2
                        && head.get(5) == 1
                        && head.getShort(18) == EM_X86_64
                        && head.getShort(54) == PROGRAM_HEADER_BYTES;
        int type = head.getShort(16);
        int count = Short.toUnsignedInt(head.getShort(56));
        if (!valid || type != ET_EXEC && type != ET_DYN || count == 0 || count > MAX_HEADERS) {
            throw Errno.ENOEXEC.error();
        }
        long headersOffset = head.getLong(32);
        ByteBuffer headers = read(caller, file, headersOffset, count * PROGRAM_HEADER_BYTES);
        return parse(caller, file, type == ET_DYN, head.getLong(24), headersOffset, headers, count);
    }

    private static ElfFile parse(
            Caller caller,
            FileDescription file,
            boolean positionIndependent,
            long entry,
            long headersOffset,
            ByteBuffer headers,
            int count)
            throws ErrnoException {
        List<Segment> segments = new ArrayList<>();
        String interpreter = null;
        boolean executableStack = false;
        long headersAddress = 0;
        for (int i = 0; i < count; i++) {
            int at = i * PROGRAM_HEADER_BYTES;
            int flags = headers.getInt(at + 4);
            long offset = headers.getLong(at + 8);
            long address = headers.getLong(at + 16);
            long fileBytes = headers.getLong(at + 32);
            switch (headers.getInt(at)) {
                case PT_LOAD -> {
                    Segment segment =
                            new Segment(
                                    offset, address, fileBytes, headers.getLong(at + 40), flags);
                    check(segment, segments.isEmpty() ? null : segments.getLast());
                    segments.add(segment);
                    if (headersOffset >= offset && headersOffset < offset + fileBytes) {
                        headersAddress = address + headersOffset - offset;
                    }
                }
                case PT_INTERP -> interpreter = interpreter(caller, file, offset, fileBytes);
                case PT_PHDR -> headersAddress = address;
                case PT_GNU_STACK -> executableStack = (flags & PF_X) != 0;
                default -> {}
            }
        }
        if (segments.isEmpty()) {
            throw Errno.ENOEXEC.error();
        }
        return new ElfFile(
                positionIndependent,
                entry,
                List.copyOf(segments),
                interpreter,
                headersAddress,
                count,
                executableStack);
    }

    private static void check(Segment segment, @Nullable Segment before) throws ErrnoException {
        boolean valid =
                segment.offset >= 0
                        && segment.address >= 0
                        && segment.fileBytes >= 0
                        && segment.memoryBytes >= segment.fileBytes
                        && segment.end() >= segment.address
                        && (segment.offset - segment.address & 4095) == 0
                        && (before == null || segment.address >= before.end());
        if (!valid) {
            throw Errno.ENOEXEC.error();
        }
    }

    private static String interpreter(
            Caller caller, FileDescription file, long offset, long fileBytes)
            throws ErrnoException {
        if (fileBytes < 2 || fileBytes > PATH_MAX) {
            throw Errno.ENOEXEC.error();
        }
        ByteBuffer path = read(caller, file, offset, (int) fileBytes);
        if (path.get((int) fileBytes - 1) != 0) {
            throw Errno.ENOEXEC.error();
        }
        return new String(
                path.array(), 0, (int) fileBytes - 1, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    private static ByteBuffer read(Caller caller, FileDescription file, long offset, int length)
            throws ErrnoException {
        byte[] bytes = new byte[length];
        UserBuffer buffer = UserBuffer.of(bytes);
        while (buffer.remaining() > 0) {
            long done = file.readAt(caller, buffer, offset + length - buffer.remaining());
            if (done <= 0) {
                throw Errno.ENOEXEC.error();
            }
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** From the first page of the first segment to the last page of the last. */
    long spanBytes() {
        return dev.runsc.kernel.memory.Addresses.pageUp(segments.getLast().end()) - firstPage();
    }

    long firstPage() {
        return dev.runsc.kernel.memory.Addresses.pageDown(segments.getFirst().address);
    }
}
