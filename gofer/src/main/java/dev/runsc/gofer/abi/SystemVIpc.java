package dev.runsc.gofer.abi;

/**
 * System V and POSIX message queue constants: msgget(2), semget(2), shmget(2), mq_overview(7).
 * Names and values are those of the Linux x86-64 headers.
 */
public final class SystemVIpc {
    public static final int SEMOP = 1;
    public static final int SHMMIN = 1;
    public static final int SEMGET = 2;
    public static final int SEMCTL = 3;
    public static final int SEMTIMEDOP = 4;
    public static final int GETPID = 11;
    public static final int MSGSND = 11;
    public static final int GETVAL = 12;
    public static final int MSGRCV = 12;
    public static final int GETALL = 13;
    public static final int MSGGET = 13;
    public static final int GETNCNT = 14;
    public static final int MSGCTL = 14;
    public static final int GETZCNT = 15;
    public static final int MSGSSZ = 16;
    public static final int SETVAL = 16;
    public static final int SETALL = 17;
    public static final int SEMUSZ = 20;
    public static final int SHMAT = 21;
    public static final int SHMDT = 22;
    public static final int SHMGET = 23;
    public static final int SHMCTL = 24;
    public static final int SEMOPM = 500;
    public static final int SEMUME = 500;
    public static final int SHMMNI = 4096;
    public static final int SHMSEG = 4096;
    public static final int MSGMAX = 8192;
    public static final int MSGMAP = 16384;
    public static final int MSGMNB = 16384;
    public static final int MSGTQL = 16384;
    public static final int MSGMNI = 32000;
    public static final int SEMMNI = 32000;
    public static final int SEMMSL = 32000;
    public static final int SEMAEM = 32767;
    public static final int SEMVMX = 32767;
    public static final int MSGSEG = 65535;
    public static final int MSGPOOL = 0x7d000;
    public static final int SEMMAP = 0x3d090000;
    public static final int SEMMNS = 0x3d090000;
    public static final int SEMMNU = 0x3d090000;

    public static final int IPC_OLD = 0;
    public static final int IPC_PRIVATE = 0;
    public static final int IPC_RMID = 0;
    public static final int IPC_SET = 1;
    public static final int IPC_STAT = 2;
    public static final int IPC_INFO = 3;
    public static final int IPC_CREAT = 512;
    public static final int IPC_EXCL = 1024;
    public static final int IPC_NOWAIT = 2048;
    public static final int IPC_DIPC = 4096;
    public static final int IPC_OWN = 8192;

    public static final int MQ_PRIO_MAX = 32768;
    public static final int MQ_BYTES_MAX = 0xc8000;

    public static final int MSG_STAT = 11;
    public static final int MSG_INFO = 12;
    public static final int MSG_STAT_ANY = 13;
    public static final int MSG_NOERROR = 4096;
    public static final int MSG_EXCEPT = 8192;
    public static final int MSG_COPY = 16384;

    public static final int SEM_STAT = 18;
    public static final int SEM_INFO = 19;
    public static final int SEM_STAT_ANY = 20;
    public static final int SEM_UNDO = 4096;

    public static final int SHM_LOCK = 11;
    public static final int SHM_UNLOCK = 12;
    public static final int SHM_STAT = 13;
    public static final int SHM_INFO = 14;
    public static final int SHM_STAT_ANY = 15;
    public static final int SHM_HUGE_SHIFT = 26;
    public static final int SHM_HUGE_MASK = 63;
    public static final int SHM_W = 128;
    public static final int SHM_R = 256;
    public static final int SHM_HUGETLB = 2048;
    public static final int SHM_NORESERVE = 4096;
    public static final int SHM_RDONLY = 4096;
    public static final int SHM_RND = 8192;
    public static final int SHM_REMAP = 16384;
    public static final int SHM_EXEC = 32768;

    private SystemVIpc() {}
}
