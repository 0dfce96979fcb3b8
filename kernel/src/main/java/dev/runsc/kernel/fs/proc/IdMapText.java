package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.IdMap;
import dev.runsc.kernel.auth.IdMapWriter;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.fs.synthetic.ContentSource;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.RawName;
import org.jspecify.annotations.Nullable;

/**
 * {@code uid_map}, {@code gid_map} and {@code setgroups} of a process (user_namespaces(7)).
 *
 * @param entry which of the three
 * @param opener who has opened the file; null for the file itself
 */
record IdMapText(Subject subject, TaskEntry entry, @Nullable Credentials opener)
        implements ContentSource {
    private static final int PAGE_BYTES = 4096;
    private static final int SETGROUPS_BYTES = 8;

    private UserNamespace namespace() throws ErrnoException {
        return subject.require().credentials().namespace();
    }

    private Credentials opener(Caller caller) {
        Credentials known = opener;
        return known == null ? caller.credentials() : known;
    }

    @Override
    public ContentSource opened(Caller caller) {
        return new IdMapText(subject, entry, caller.credentials());
    }

    @Override
    public void checkOpen(Caller caller, int flags) throws ErrnoException {
        boolean writes = (flags & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY;
        if (entry == TaskEntry.SETGROUPS
                && writes
                && !caller.credentials().hasIn(namespace(), Capabilities.CAP_SYS_ADMIN)) {
            throw Errno.EACCES.error();
        }
    }

    @Override
    public void generate(Caller caller, Content out) throws ErrnoException {
        UserNamespace namespace = namespace();
        if (entry == TaskEntry.SETGROUPS) {
            out.text(namespace.groupsMayBeSet() ? "allow\n" : "deny\n");
            return;
        }
        boolean ofUsers = entry == TaskEntry.UID_MAP;
        UserNamespace viewer = opener(caller).namespace();
        UserNamespace parent = viewer.parent();
        UserNamespace below = viewer == namespace && parent != null ? parent : viewer;
        IdMap shown = ofUsers ? below.uids() : below.gids();
        for (IdMap.Extent extent : (ofUsers ? namespace.uids() : namespace.gids()).extents()) {
            out.format(
                    "%10d %10d %10d\n",
                    extent.first(),
                    Integer.toUnsignedLong(shown.fromKernel((int) extent.kernelFirst())),
                    extent.count());
        }
    }

    @Override
    public long write(Caller caller, byte[] data, long offset) throws ErrnoException {
        String text = RawName.of(data);
        int end = text.indexOf(0);
        if (offset != 0 || data.length >= PAGE_BYTES || end >= 0) {
            throw Errno.EINVAL.error();
        }
        if (entry == TaskEntry.SETGROUPS) {
            setGroups(text);
        } else {
            new IdMapWriter(
                            namespace(),
                            entry == TaskEntry.UID_MAP,
                            opener(caller),
                            caller.credentials())
                    .write(text);
        }
        return data.length;
    }

    private void setGroups(String text) throws ErrnoException {
        if (text.length() >= SETGROUPS_BYTES) {
            throw Errno.EINVAL.error();
        }
        switch (text.stripTrailing()) {
            case "allow" -> namespace().allowSetGroups(true);
            case "deny" -> namespace().allowSetGroups(false);
            default -> throw Errno.EINVAL.error();
        }
    }
}
