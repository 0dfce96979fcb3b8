package dev.runsc.kernel.fs.cgroup;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.cgroup.Cgroups;
import dev.runsc.kernel.cgroup.ControlGroup;
import dev.runsc.kernel.cgroup.Notice;
import dev.runsc.kernel.fs.synthetic.SyntheticDirectory;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.AttributeChange;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.NewInode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The directory of a group: its files, and the groups below it. */
public final class GroupDirectory extends SyntheticDirectory {
    private final CgroupFileSystem fileSystem;
    private final ControlGroup group;

    /** Made when first looked for, and kept: they have owners and modes. */
    @GuardedBy("lock")
    private final LinkedHashMap<String, GroupFile> files = new LinkedHashMap<>();

    GroupDirectory(CgroupFileSystem fileSystem, ControlGroup group, int permissions) {
        super(fileSystem, fileSystem.newInodeNumber(), permissions);
        this.fileSystem = fileSystem;
        this.group = group;
    }

    public ControlGroup group() {
        return group;
    }

    CgroupFileSystem cgroupFileSystem() {
        return fileSystem;
    }

    CgroupFiles files() {
        return fileSystem.files();
    }

    /** Whoever may write this file may put tasks here. */
    public Inode procs() {
        return file(group.hierarchy().isUnified() ? CoreFile.PROCS : LegacyFile.PROCS);
    }

    /**
     * Whether a task may let a child be born here.
     *
     * @param thread of its own process
     */
    public void requireBirth(Task parent, boolean thread) throws ErrnoException {
        if (group.isDead()) {
            throw Errno.ENOENT.error();
        }
        procs().checkPermission(parent, Inode.MAY_WRITE);
        Cgroups cgroups = files().tasks().cgroups();
        cgroups.requireHost(group);
        ControlGroup own = parent.membership().unified();
        if (thread && !cgroups.sameDomain(own, group)) {
            throw Errno.EOPNOTSUPP.error();
        }
        above(own).procs().checkPermission(parent, Inode.MAY_WRITE);
    }

    /** The directory of the nearest group that lies above both this and another. */
    GroupDirectory above(ControlGroup other) {
        ControlGroup common = other;
        for (ControlGroup at = other; at != null; at = at.parent()) {
            common = at;
            if (at.isAncestorOf(group)) {
                break;
            }
        }
        return fileSystem.directory(common);
    }

    private GroupFile file(ControlFile kind) {
        lock.lock();
        try {
            GroupFile known = files.get(kind.fileName());
            if (known == null) {
                known = new GroupFile(this, kind);
                files.put(kind.fileName(), known);
                Notice notice = kind.notice(group);
                if (notice != null) {
                    notice.setListener(known);
                }
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    @Override
    protected @Nullable Inode findDynamic(Caller caller, String name) throws ErrnoException {
        if (group.isDead()) {
            return null;
        }
        ControlGroup child = group.child(name);
        if (child != null) {
            return fileSystem.directory(child);
        }
        ControlFile kind = ControlFile.find(group, name);
        return kind == null ? null : file(kind);
    }

    @Override
    protected boolean stillDynamic(Caller caller, String name, Inode child) throws ErrnoException {
        return findDynamic(caller, name) == child;
    }

    @Override
    protected List<DynamicEntry> listDynamic(Caller caller) {
        List<DynamicEntry> entries = new ArrayList<>();
        if (group.isDead()) {
            return entries;
        }
        for (ControlFile kind : ControlFile.of(group)) {
            GroupFile file = file(kind);
            entries.add(new DynamicEntry(kind.fileName(), file.number(), file.direntType()));
        }
        for (ControlGroup child : group.children()) {
            GroupDirectory directory = fileSystem.directory(child);
            entries.add(new DynamicEntry(child.name(), directory.number(), directory.direntType()));
        }
        return entries;
    }

    @Override
    public Inode create(Caller caller, String name, NewInode attributes) throws ErrnoException {
        throw ((attributes.mode() & FileMode.S_IFMT) == FileMode.S_IFREG
                        ? Errno.EACCES
                        : Errno.EPERM)
                .error();
    }

    /** A new group; it and its files belong to who made it. */
    @Override
    public Inode makeDirectory(Caller caller, String name, NewInode attributes)
            throws ErrnoException {
        ControlGroup made = files().tasks().cgroups().make(group, name);
        GroupDirectory directory = fileSystem.add(made, attributes.mode() & ~FileMode.S_IFMT);
        int uid = caller.credentials().fsUid();
        int gid = caller.credentials().fsGid();
        if (uid != 0 || gid != 0) {
            AttributeChange owner = AttributeChange.owner(uid, gid);
            directory.changeAttributes(caller, owner);
            for (ControlFile kind : ControlFile.of(made)) {
                directory.file(kind).changeAttributes(caller, owner);
            }
        }
        setLinks(links() + 1);
        return directory;
    }

    @Override
    public void removeDirectory(Caller caller, String name, Inode victim) throws ErrnoException {
        if (!(victim instanceof GroupDirectory directory)) {
            throw Errno.EPERM.error();
        }
        files().tasks().cgroups().remove(directory.group);
        fileSystem.forget(directory.group);
        directory.setLinks(0);
        setLinks(links() - 1);
    }

    @Override
    protected long blockSize() {
        return 4096;
    }
}
