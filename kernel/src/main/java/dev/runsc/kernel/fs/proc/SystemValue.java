package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.fs.synthetic.ContentSource;
import dev.runsc.kernel.task.UtsNamespace;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.RawName;

/** Values of /proc/sys that come from live objects. */
record SystemValue(ProcFileSystem proc, Kind kind) implements ContentSource {
    /** __NEW_UTS_LEN. */
    private static final int NAME_MAX = 64;

    /** What is shown. */
    enum Kind {
        BOOT_ID,
        UUID,
        HOSTNAME,
        DOMAINNAME,
        LAST_PID,
        TERMINALS
    }

    @Override
    public void generate(Caller caller, Content out) throws ErrnoException {
        switch (kind) {
            case BOOT_ID -> out.text(proc.kernel().bootId());
            case UUID -> out.text(ProcKernel.randomId());
            case HOSTNAME -> out.raw(uts(caller).hostname());
            case DOMAINNAME -> out.raw(uts(caller).domainname());
            case TERMINALS -> out.text(Integer.toString(proc.tasks().terminals().get()));
            case LAST_PID -> out.text(Integer.toString(proc.namespace().lastPid()));
        }
        out.text("\n");
    }

    private static UtsNamespace uts(Caller caller) throws ErrnoException {
        return Inspection.requireNamespaces(caller).uts();
    }

    @Override
    public long write(Caller caller, byte[] data, long offset) throws ErrnoException {
        String name = RawName.of(data);
        int end = 0;
        while (end < name.length()
                && end < NAME_MAX
                && name.charAt(end) != '\n'
                && name.charAt(end) != 0) {
            end++;
        }
        switch (kind) {
            case HOSTNAME -> uts(caller).setHostname(name.substring(0, end));
            case DOMAINNAME -> uts(caller).setDomainname(name.substring(0, end));
            default -> throw Errno.EPERM.error();
        }
        return data.length;
    }
}
