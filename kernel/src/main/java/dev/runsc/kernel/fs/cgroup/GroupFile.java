package dev.runsc.kernel.fs.cgroup;

import dev.runsc.kernel.cgroup.Notice;
import dev.runsc.kernel.fs.synthetic.SyntheticFile;

/** The inode of a file of a group: it tells watchers of changes. */
final class GroupFile extends SyntheticFile implements Notice.Listener {
    private final GroupDirectory directory;
    private final ControlFile file;

    GroupFile(GroupDirectory directory, ControlFile file) {
        super(directory.cgroupFileSystem(), file.permissions(), new GroupText(directory, file));
        this.directory = directory;
        this.file = file;
    }

    ControlFile file() {
        return file;
    }

    @Override
    public void changed() {
        contentsChanged(directory, file.fileName());
    }

    @Override
    protected long blockSize() {
        return 4096;
    }
}
