package dev.runsc.gofer.abi;

/**
 * Requests, options and events of ptrace(2). Names and values are those of the Linux x86-64
 * headers.
 */
public final class PtraceConstants {
    public static final int PTRACE_SYSCALL_INFO_NONE = 0;
    public static final int PTRACE_TRACEME = 0;
    public static final int PTRACE_EVENTMSG_SYSCALL_ENTRY = 1;
    public static final int PTRACE_EVENT_FORK = 1;
    public static final int PTRACE_O_TRACESYSGOOD = 1;
    public static final int PTRACE_PEEKSIGINFO_SHARED = 1;
    public static final int PTRACE_PEEKTEXT = 1;
    public static final int PTRACE_SYSCALL_INFO_ENTRY = 1;
    public static final int PTRACE_EVENTMSG_SYSCALL_EXIT = 2;
    public static final int PTRACE_EVENT_VFORK = 2;
    public static final int PTRACE_O_TRACEFORK = 2;
    public static final int PTRACE_PEEKDATA = 2;
    public static final int PTRACE_SYSCALL_INFO_EXIT = 2;
    public static final int PTRACE_EVENT_CLONE = 3;
    public static final int PTRACE_PEEKUSR = 3;
    public static final int PTRACE_SYSCALL_INFO_SECCOMP = 3;
    public static final int PTRACE_EVENT_EXEC = 4;
    public static final int PTRACE_O_TRACEVFORK = 4;
    public static final int PTRACE_POKETEXT = 4;
    public static final int PTRACE_EVENT_VFORK_DONE = 5;
    public static final int PTRACE_POKEDATA = 5;
    public static final int PTRACE_EVENT_EXIT = 6;
    public static final int PTRACE_POKEUSR = 6;
    public static final int PTRACE_CONT = 7;
    public static final int PTRACE_EVENT_SECCOMP = 7;
    public static final int PTRACE_KILL = 8;
    public static final int PTRACE_O_TRACECLONE = 8;
    public static final int PTRACE_SINGLESTEP = 9;
    public static final int PTRACE_GETREGS = 12;
    public static final int PTRACE_SETREGS = 13;
    public static final int PTRACE_GETFPREGS = 14;
    public static final int PTRACE_SETFPREGS = 15;
    public static final int PTRACE_ATTACH = 16;
    public static final int PTRACE_O_TRACEEXEC = 16;
    public static final int PTRACE_DETACH = 17;
    public static final int PTRACE_GETFPXREGS = 18;
    public static final int PTRACE_SETFPXREGS = 19;
    public static final int PTRACE_OLDSETOPTIONS = 21;
    public static final int PTRACE_SYSCALL = 24;
    public static final int PTRACE_GET_THREAD_AREA = 25;
    public static final int PTRACE_SET_THREAD_AREA = 26;
    public static final int PTRACE_ARCH_PRCTL = 30;
    public static final int PTRACE_SYSEMU = 31;
    public static final int PTRACE_O_TRACEVFORKDONE = 32;
    public static final int PTRACE_SYSEMU_SINGLESTEP = 32;
    public static final int PTRACE_SINGLEBLOCK = 33;
    public static final int PTRACE_O_TRACEEXIT = 64;
    public static final int PTRACE_EVENT_STOP = 128;
    public static final int PTRACE_O_TRACESECCOMP = 128;
    public static final int PTRACE_SETOPTIONS = 16896;
    public static final int PTRACE_GETEVENTMSG = 16897;
    public static final int PTRACE_GETSIGINFO = 16898;
    public static final int PTRACE_SETSIGINFO = 16899;
    public static final int PTRACE_GETREGSET = 16900;
    public static final int PTRACE_SETREGSET = 16901;
    public static final int PTRACE_SEIZE = 16902;
    public static final int PTRACE_INTERRUPT = 16903;
    public static final int PTRACE_LISTEN = 16904;
    public static final int PTRACE_PEEKSIGINFO = 16905;
    public static final int PTRACE_GETSIGMASK = 16906;
    public static final int PTRACE_SETSIGMASK = 16907;
    public static final int PTRACE_SECCOMP_GET_FILTER = 16908;
    public static final int PTRACE_SECCOMP_GET_METADATA = 16909;
    public static final int PTRACE_GET_SYSCALL_INFO = 16910;
    public static final int PTRACE_GET_RSEQ_CONFIGURATION = 16911;
    public static final int PTRACE_O_EXITKILL = 0x100000;
    public static final int PTRACE_O_SUSPEND_SECCOMP = 0x200000;
    public static final int PTRACE_O_MASK = 0x3000ff;

    private PtraceConstants() {}
}
