package dev.runsc.kernel.fs.proc;

import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.fs.synthetic.ContentSource;
import dev.runsc.kernel.fs.synthetic.FixedText;
import dev.runsc.kernel.fs.synthetic.SyntheticDirectory;
import dev.runsc.kernel.fs.synthetic.SyntheticFile;
import dev.runsc.kernel.task.SandboxFiles;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.RawName;

/** Builds {@code /proc/gvisor}. Its names are those by which programs know gVisor. */
final class SandboxFolder {
    private SandboxFolder() {}

    static SyntheticDirectory directory(ProcFileSystem proc, SandboxFiles files) {
        SyntheticDirectory folder = new SyntheticDirectory(proc);
        if (files.has(SandboxFiles.MARKER)) {
            FixedText text = new FixedText("gvisor\n");
            folder.add(SandboxFiles.MARKER, new SyntheticFile(proc, 0444, text));
        }
        if (files.has(SandboxFiles.CHECKPOINT)) {
            folder.add(SandboxFiles.CHECKPOINT, new CheckpointInode(proc, files.checkpoints()));
        }
        if (files.has(SandboxFiles.FILE_SAVE)) {
            folder.add(SandboxFiles.FILE_SAVE, new CheckpointInode(proc, files.fileSaves()));
        }
        if (files.has(SandboxFiles.ENVIRONMENT)) {
            // Secrets may be in it: no file for everybody, as /proc/PID/environ is none.
            SpecEnvironment environment = new SpecEnvironment(files);
            folder.add(SandboxFiles.ENVIRONMENT, new SyntheticFile(proc, 0400, environment));
        }
        return folder;
    }

    /** In the form of {@code /proc/PID/environ}: a zero behind each. */
    record SpecEnvironment(SandboxFiles files) implements ContentSource {
        @Override
        public void generate(Caller caller, Content out) {
            for (String variable : files.environment()) {
                out.raw(RawName.ofText(variable)).bytes(new byte[1]);
            }
        }
    }
}
