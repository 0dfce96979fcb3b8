package dev.runsc.kernel.task.loader;

import dev.runsc.gofer.abi.AuxVector;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.RLimits;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.memory.Addresses;
import dev.runsc.kernel.memory.MemoryLimits;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.memory.PlacementBase;
import dev.runsc.kernel.memory.ProgramLayout;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.platform.CpuState;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.platform.Register;
import dev.runsc.kernel.task.LoadedImage;
import dev.runsc.kernel.task.Ptrace;
import dev.runsc.kernel.task.ResourceLimits;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.TaskHost;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.PathWalk;
import dev.runsc.kernel.vfs.RawName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a new address space for a program (Linux fs/exec.c and fs/binfmt_*.c): ELF files, static or
 * with an interpreter, and scripts that begin with {@code #!}.
 */
public final class ProgramLoader {
    private static final int MAX_SCRIPT_DEPTH = 5;

    /** BINPRM_BUF_SIZE: how much of a first line counts. */
    private static final int HEAD_BYTES = 256;

    private static final long BREAK_RANDOM_PAGES = 0x2000;
    private static final long PROGRAM_RANDOM_PAGES = 0xfffffff;

    /**
     * The CPUID bits glibc's loader asks for through AT_HWCAP are those of CPUID leaf 1 EDX;
     * baseline x86-64.
     */
    private static final long HWCAP_BASELINE = 0x078bfbffL;

    private static final int CLOCK_TICKS = 100;
    private static final long FRAME_BYTES = 440 + 8 + 64;

    private final Caller caller;
    private final TaskHost host;
    private final MemoryLimits limits;
    private final ResourceLimits resources;

    public ProgramLoader(Caller caller, TaskHost host, ResourceLimits limits) {
        this.caller = caller;
        this.host = host;
        this.limits = limits;
        this.resources = limits;
    }

    /** What execve was asked to run. */
    public record Request(
            Location file, String path, List<byte[]> arguments, List<byte[]> environment) {}

    /** Loads, following {@code #!} lines. */
    public LoadedImage load(Request request) throws ErrnoException {
        Request current = request;
        for (int depth = 0; depth <= MAX_SCRIPT_DEPTH; depth++) {
            FileDescription file = open(current.file);
            RunningProgram program = null;
            try {
                program = RunningProgram.of(current.file.inode());
                byte[] head = new byte[HEAD_BYTES];
                int length = (int) Math.max(0, file.readAt(caller, UserBuffer.of(head), 0));
                if (length < 2 || head[0] != '#' || head[1] != '!') {
                    return loadElf(current, file, program, request);
                }
                current = script(current, head, length);
            } finally {
                if (program != null) {
                    program.release();
                }
                file.release();
            }
        }
        throw Errno.ELOOP.error();
    }

    private FileDescription open(Location location) throws ErrnoException {
        Inode inode = location.inode();
        if (!inode.isRegular() || location.mount().has(MountFlags.MS_NOEXEC)) {
            throw Errno.EACCES.error();
        }
        inode.checkPermission(caller, Inode.MAY_EXEC);
        if ((inode.mode() & 0111) == 0) {
            throw Errno.EACCES.error();
        }
        return inode.open(caller, location, OpenFlags.O_RDONLY);
    }

    /** {@code #! interpreter [one argument]} (execve(2), "Interpreter scripts"). */
    private Request script(Request script, byte[] head, int length) throws ErrnoException {
        int end = 2;
        while (end < length && head[end] != '\n' && head[end] != 0) {
            end++;
        }
        String line =
                new String(head, 2, end - 2, java.nio.charset.StandardCharsets.ISO_8859_1).strip();
        if (line.isEmpty()) {
            throw Errno.ENOEXEC.error();
        }
        int space = 0;
        while (space < line.length() && line.charAt(space) != ' ' && line.charAt(space) != '\t') {
            space++;
        }
        String interpreter = line.substring(0, space);
        List<byte[]> arguments = new ArrayList<>();
        arguments.add(RawName.bytes(interpreter));
        if (space < line.length()) {
            arguments.add(RawName.bytes(line.substring(space).strip()));
        }
        arguments.add(RawName.bytes(script.path));
        if (!script.arguments.isEmpty()) {
            arguments.addAll(script.arguments.subList(1, script.arguments.size()));
        }
        Location file = PathWalk.find(caller, interpreter, PathWalk.FOLLOW);
        return new Request(file, interpreter, arguments, script.environment);
    }

    private LoadedImage loadElf(
            Request request, FileDescription file, RunningProgram program, Request original)
            throws ErrnoException {
        ElfFile elf = ElfFile.read(caller, file);
        byte[] fileName = RawName.bytes(original.path);
        InitialStack stack = new InitialStack(request.arguments, request.environment, fileName);
        long stackLimit = resources.softOrMax(RLimits.RLIMIT_STACK);
        stack.checkSize(stackLimit);
        boolean traced = caller instanceof Task task && Ptrace.isTracedByWeak(task);
        Credentials credentials =
                ExecCredentials.compute(caller.credentials(), request.file, traced);
        boolean secure = ExecCredentials.isSecure(caller.credentials(), credentials);
        MemoryManager memory =
                MemoryManager.create(
                        host.platform(),
                        host.memoryFile(),
                        limits,
                        PlacementBase.forProgram(
                                host.random().nextLong(), resources.soft(RLimits.RLIMIT_STACK)));
        try {
            program.retain();
            memory.setProgram(program);
            CpuState start = map(memory, elf, file, stack, credentials, secure);
            return new LoadedImage(
                    memory, start, request.file, baseName(original.path), credentials, secure);
        } catch (ErrnoException | RuntimeException failed) {
            memory.release();
            throw failed;
        }
    }

    private CpuState map(
            MemoryManager memory,
            ElfFile elf,
            FileDescription file,
            InitialStack stack,
            Credentials credentials,
            boolean secure)
            throws ErrnoException {
        ElfLoader.Loaded program =
                ElfLoader.load(memory, elf, file.mappable(caller), programBase());
        memory.setBreakStart(
                Addresses.pageUp(program.end())
                        + (host.random().nextLong() & BREAK_RANDOM_PAGES - 1) * Platform.PAGE_SIZE);
        long entry = program.entry();
        long interpreterBase = 0;
        if (elf.interpreter() != null) {
            ElfLoader.Loaded interpreter = loadInterpreter(memory, elf.interpreter());
            entry = interpreter.entry();
            interpreterBase = interpreter.bias();
        }
        Map<Integer, Long> auxiliary = auxiliary(program, interpreterBase, credentials, secure);
        stack.build(memory, auxiliary, elf.executableStack(), host.random());
        noteLayout(memory, program, stack);
        long[] registers = new long[Register.values().length];
        registers[Register.RIP.ordinal()] = entry;
        registers[Register.RSP.ordinal()] = stack.stackPointer();
        registers[Register.EFLAGS.ordinal()] = 0x202;
        return new CpuState(registers, 0, 0, new byte[0]);
    }

    /**
     * Where a position independent program goes: two thirds up, as ELF_ET_DYN_BASE, with 28 random
     * bits.
     */
    private long programBase() {
        long random = (host.random().nextLong() & PROGRAM_RANDOM_PAGES) * Platform.PAGE_SIZE;
        return Addresses.pageDown(Platform.MAX_USER_ADDRESS / 3 * 2) + random;
    }

    private ElfLoader.Loaded loadInterpreter(MemoryManager memory, String path)
            throws ErrnoException {
        FileDescription file = open(PathWalk.find(caller, path, PathWalk.FOLLOW));
        try {
            ElfFile elf = ElfFile.read(caller, file);
            return ElfLoader.load(memory, elf, file.mappable(caller), 0);
        } finally {
            file.release();
        }
    }

    private Map<Integer, Long> auxiliary(
            ElfLoader.Loaded program,
            long interpreterBase,
            Credentials credentials,
            boolean secure) {
        ElfFile elf = program.elf();
        Map<Integer, Long> auxiliary = new LinkedHashMap<>();
        auxiliary.put(AuxVector.AT_MINSIGSTKSZ, host.platform().xsaveSize() + FRAME_BYTES + 128);
        auxiliary.put(AuxVector.AT_HWCAP, HWCAP_BASELINE);
        auxiliary.put(AuxVector.AT_PAGESZ, (long) Platform.PAGE_SIZE);
        auxiliary.put(AuxVector.AT_CLKTCK, (long) CLOCK_TICKS);
        auxiliary.put(AuxVector.AT_PHDR, elf.headersAddress() + program.bias());
        auxiliary.put(AuxVector.AT_PHENT, (long) ElfFile.PROGRAM_HEADER_BYTES);
        auxiliary.put(AuxVector.AT_PHNUM, (long) elf.headerCount());
        auxiliary.put(AuxVector.AT_BASE, interpreterBase);
        auxiliary.put(AuxVector.AT_FLAGS, 0L);
        auxiliary.put(AuxVector.AT_ENTRY, program.entry());
        UserNamespace users = credentials.namespace();
        auxiliary.put(AuxVector.AT_UID, Integer.toUnsignedLong(users.shownUid(credentials.uid())));
        auxiliary.put(
                AuxVector.AT_EUID,
                Integer.toUnsignedLong(users.shownUid(credentials.effectiveUid())));
        auxiliary.put(AuxVector.AT_GID, Integer.toUnsignedLong(users.shownGid(credentials.gid())));
        auxiliary.put(
                AuxVector.AT_EGID,
                Integer.toUnsignedLong(users.shownGid(credentials.effectiveGid())));
        auxiliary.put(AuxVector.AT_SECURE, secure ? 1L : 0L);
        return auxiliary;
    }

    private static void noteLayout(
            MemoryManager memory, ElfLoader.Loaded program, InitialStack stack) {
        long bias = program.bias();
        long startCode = Long.MAX_VALUE;
        long endCode = 0;
        long startData = 0;
        long endData = 0;
        for (ElfFile.Segment segment : program.elf().segments()) {
            long address = segment.address() + bias;
            long end = address + segment.fileBytes();
            startCode = Math.min(startCode, address);
            if ((segment.flags() & 1) != 0) {
                endCode = Math.max(endCode, end);
            }
            if (address >= startData) {
                startData = address;
                endData = end;
            }
        }
        memory.setProgramLayout(
                new ProgramLayout(
                        startCode,
                        endCode,
                        startData,
                        endData,
                        stack.stackPointer(),
                        stack.argStart(),
                        stack.argEnd(),
                        stack.argEnd(),
                        stack.envEnd(),
                        stack.auxvStart(),
                        stack.auxvEnd()));
    }

    private static String baseName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
