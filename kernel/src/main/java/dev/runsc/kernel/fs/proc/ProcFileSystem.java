package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.kernel.fs.synthetic.SyntheticDirectory;
import dev.runsc.kernel.fs.synthetic.SyntheticFile;
import dev.runsc.kernel.fs.synthetic.SyntheticFileSystem;
import dev.runsc.kernel.fs.synthetic.SyntheticLink;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.SandboxFiles;
import dev.runsc.kernel.task.TaskSet;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import org.jspecify.annotations.Nullable;

/** An instance of proc: the processes of one PID namespace (pid_namespaces(7)). */
public final class ProcFileSystem extends SyntheticFileSystem {
    private final ProcKernel kernel;
    private final PidNamespace namespace;

    /** What {@code /proc/PID/net} of every process shows: there is one network so far. */
    private final SyntheticDirectory network;

    ProcFileSystem(
            VirtualFileSystem vfs,
            ProcKernel kernel,
            PidNamespace namespace,
            @Nullable SandboxFiles sandbox) {
        super(vfs, "proc", MountFlags.PROC_SUPER_MAGIC, true);
        this.kernel = kernel;
        this.namespace = namespace;
        this.network = NetworkFiles.directory(this);
        ProcRoot root = new ProcRoot(this);
        for (RootFile file : RootFile.values()) {
            root.add(
                    file.fileName(),
                    new SyntheticFile(this, file.permissions(), new RootText(this, file)));
        }
        root.add("mounts", SyntheticLink.fixed(this, "self/mounts"));
        root.add("net", SyntheticLink.fixed(this, "self/net"));
        root.add("bus", new SyntheticDirectory(this));
        root.add("driver", new SyntheticDirectory(this));
        root.add("fs", new SyntheticDirectory(this));
        if (sandbox != null && !sandbox.isEmpty()) {
            root.add("gvisor", SandboxFolder.directory(this, sandbox));
        }
        root.add("irq", new SyntheticDirectory(this));
        root.add("sys", SysctlTree.directory(this));
        root.add("sysvipc", IpcTableText.directory(this));
        root.add("tty", new SyntheticDirectory(this).add("drivers", NetworkFiles.empty(this)));
        root.add("self", new SelfLink(this, false));
        root.add("thread-self", new SelfLink(this, true));
        setRoot(root);
    }

    ProcKernel kernel() {
        return kernel;
    }

    TaskSet tasks() {
        return kernel.tasks();
    }

    PidNamespace namespace() {
        return namespace;
    }

    SyntheticDirectory network() {
        return network;
    }
}
