package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.fs.synthetic.ContentSource;
import dev.runsc.kernel.fs.synthetic.SyntheticDirectory;
import dev.runsc.kernel.fs.synthetic.SyntheticFile;
import dev.runsc.kernel.ipc.IpcNamespace;
import dev.runsc.kernel.ipc.IpcObject;
import dev.runsc.kernel.ipc.MessageQueues;
import dev.runsc.kernel.ipc.ProcessId;
import dev.runsc.kernel.ipc.SemaphoreSets;
import dev.runsc.kernel.ipc.SharedSegments;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.Caller;

/** {@code /proc/sysvipc}: the tables of the reader's IPC namespace (proc_sysvipc(5)). */
enum IpcTableText implements ContentSource {
    MSG(
            "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid"
                    + "      stime      rtime      ctime\n"),
    SEM("       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n"),
    SHM(
            "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid"
                    + "      atime      dtime      ctime                   rss                  swap\n");

    private final String heading;

    IpcTableText(String heading) {
        this.heading = heading;
    }

    static SyntheticDirectory directory(ProcFileSystem proc) {
        SyntheticDirectory ipc = new SyntheticDirectory(proc);
        ipc.add("msg", new SyntheticFile(proc, 0444, MSG));
        ipc.add("sem", new SyntheticFile(proc, 0444, SEM));
        ipc.add("shm", new SyntheticFile(proc, 0444, SHM));
        return ipc;
    }

    @Override
    public void generate(Caller caller, Content out) throws ErrnoException {
        out.text(heading);
        Task task = Inspection.findTask(caller);
        if (task == null) {
            return;
        }
        IpcNamespace namespace = task.namespaces().ipc();
        Credentials who = caller.credentials();
        ProcessId viewer = task.group().pid();
        switch (this) {
            case MSG -> namespace.messages().views(who, viewer).forEach(view -> row(out, view));
            case SEM -> namespace.semaphores().views(who, viewer).forEach(view -> row(out, view));
            case SHM -> namespace.segments().views(who, viewer).forEach(view -> row(out, view));
        }
    }

    private static void row(Content out, MessageQueues.View view) {
        IpcObject.Owner owner = view.owner();
        out.format(
                "%10d %10d  %4o  %10d %10d %5d %5d %5d %5d %5d %5d %10d %10d %10d\n",
                owner.key(),
                owner.id(),
                owner.mode(),
                view.textBytes(),
                view.count(),
                view.lastSender(),
                view.lastReceiver(),
                unsigned(owner.uid()),
                unsigned(owner.gid()),
                unsigned(owner.creatorUid()),
                unsigned(owner.creatorGid()),
                view.sendTime(),
                view.receiveTime(),
                view.changeTime());
    }

    private static void row(Content out, SemaphoreSets.View view) {
        IpcObject.Owner owner = view.owner();
        out.format(
                "%10d %10d  %4o %10d %5d %5d %5d %5d %10d %10d\n",
                owner.key(),
                owner.id(),
                owner.mode(),
                view.count(),
                unsigned(owner.uid()),
                unsigned(owner.gid()),
                unsigned(owner.creatorUid()),
                unsigned(owner.creatorGid()),
                view.operationTime(),
                view.changeTime());
    }

    private static void row(Content out, SharedSegments.View view) {
        IpcObject.Owner owner = view.owner();
        out.format(
                "%10d %10d  %4o %21d %5d %5d  %5d %5d %5d %5d %5d %10d %10d %10d %21d %21d\n",
                owner.key(),
                owner.id(),
                owner.mode(),
                view.sizeBytes(),
                view.creatorPid(),
                view.lastPid(),
                view.attachments(),
                unsigned(owner.uid()),
                unsigned(owner.gid()),
                unsigned(owner.creatorUid()),
                unsigned(owner.creatorGid()),
                view.attachTime(),
                view.detachTime(),
                view.changeTime(),
                view.residentBytes(),
                0);
    }

    private static long unsigned(int id) {
        return Integer.toUnsignedLong(id);
    }
}
