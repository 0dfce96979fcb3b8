package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.fs.synthetic.ContentSource;
import dev.runsc.kernel.ipc.IpcLimits;
import dev.runsc.kernel.ipc.IpcLimits.Limit;
import dev.runsc.kernel.ipc.IpcNamespace;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.RawName;
import java.util.List;

/** The limits of the caller's IPC namespace in /proc/sys/kernel (Linux ipc/ipc_sysctl.c). */
enum IpcLimitValue implements ContentSource {
    MSGMAX(List.of(Limit.MSGMAX), Integer.MAX_VALUE),
    MSGMNB(List.of(Limit.MSGMNB), Integer.MAX_VALUE),
    MSGMNI(List.of(Limit.MSGMNI), 1 << 15),
    SEM(List.of(Limit.SEMMSL, Limit.SEMMNS, Limit.SEMOPM, Limit.SEMMNI), Integer.MAX_VALUE),
    SHMALL(List.of(Limit.SHMALL), -1),
    SHMMAX(List.of(Limit.SHMMAX), -1),
    SHMMNI(List.of(Limit.SHMMNI), 1 << 15);

    private final List<Limit> limits;

    /** Unsigned. */
    private final long most;

    IpcLimitValue(List<Limit> limits, long most) {
        this.limits = limits;
        this.most = most;
    }

    private static IpcNamespace namespace(Caller caller) throws ErrnoException {
        return Inspection.requireNamespaces(caller).ipc();
    }

    @Override
    public void generate(Caller caller, Content out) throws ErrnoException {
        IpcLimits values = namespace(caller).limits();
        for (int i = 0; i < limits.size(); i++) {
            out.text((i == 0 ? "" : "\t") + Long.toUnsignedString(values.get(limits.get(i))));
        }
        out.text("\n");
    }

    @Override
    public long write(Caller caller, byte[] data, long offset) throws ErrnoException {
        IpcNamespace namespace = namespace(caller);
        if (!caller.credentials().hasIn(namespace.owner(), Capabilities.CAP_SYS_RESOURCE)
                && caller.credentials().fsUid() != 0) {
            throw Errno.EPERM.error();
        }
        if (offset != 0) {
            return data.length;
        }
        String[] words = RawName.of(data).strip().split("\\s+", -1);
        long[] given = new long[Math.min(words.length, limits.size())];
        for (int i = 0; i < given.length; i++) {
            given[i] = number(words[i]);
            if (Long.compareUnsigned(given[i], most) > 0
                    || limits.get(i) == Limit.SEMMNI && given[i] > 1 << 15) {
                throw Errno.EINVAL.error();
            }
        }
        for (int i = 0; i < given.length; i++) {
            namespace.limits().set(limits.get(i), given[i]);
        }
        return data.length;
    }

    private static long number(String word) throws ErrnoException {
        try {
            return Long.parseUnsignedLong(word);
        } catch (NumberFormatException notANumber) {
            throw Errno.EINVAL.error();
        }
    }
}
