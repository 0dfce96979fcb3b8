package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.fs.synthetic.SyntheticInode;
import dev.runsc.kernel.task.CheckpointRequests;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;

/**
 * {@code /proc/gvisor/checkpoint} and {@code fscheckpoint} beside it. Only its owner, root, may ask
 * for a save.
 */
final class CheckpointInode extends SyntheticInode {
    private final CheckpointRequests requests;

    CheckpointInode(ProcFileSystem proc, CheckpointRequests requests) {
        super(proc, FileMode.S_IFREG | 0644);
        this.requests = requests;
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) {
        return new CheckpointFile(location, flags, requests);
    }

    @Override
    public void truncate(Caller caller, long sizeBytes) {
        // echo 1 > file truncates first; there is nothing to cut.
    }
}
