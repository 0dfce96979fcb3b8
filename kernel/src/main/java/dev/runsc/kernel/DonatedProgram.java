package dev.runsc.kernel;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.task.LoadedImage;
import dev.runsc.kernel.task.ResourceLimits;
import dev.runsc.kernel.task.loader.ProgramLoader;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.RawName;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;

/**
 * A program that is no file of the container: a descriptor of the host. It is copied into a file in
 * memory, as if somebody inside had written it to one of memfd_create(2) and called fexecve(3): so
 * an image has it, wherever it came from.
 */
final class DonatedProgram {
    /** Large programs have some hundred megabytes. */
    private static final long BYTES_MAX = 1L << 30;

    private static final int PIECE_BYTES = 1 << 20;

    private DonatedProgram() {}

    /** Loads it, by the name of the first argument, and closes the descriptor. */
    static LoadedImage load(
            SandboxState state,
            BootCaller caller,
            HostFd program,
            ProcessSpec spec,
            List<String> environment,
            ResourceLimits limits)
            throws ErrnoException {
        String name = RawName.ofText(spec.arguments().getFirst());
        FileDescription written = state.vfs.createMemoryFile(caller, name, 0);
        FileDescription file;
        Location location = Objects.requireNonNull(written.location());
        try (program) {
            copy(caller, program, written);
            // Nobody may write to a program that runs; and without any user the file is gone.
            file = location.inode().open(caller, location, OpenFlags.O_RDONLY);
        } finally {
            written.release();
        }
        try {
            List<byte[]> arguments = ContainerBuilder.bytes(spec.arguments());
            List<byte[]> settings = ContainerBuilder.bytes(environment);
            return new ProgramLoader(caller, state.tasks.host(), limits)
                    .load(new ProgramLoader.Request(location, name, arguments, settings));
        } finally {
            file.release();
        }
    }

    private static void copy(BootCaller caller, HostFd from, FileDescription to)
            throws ErrnoException {
        Stat stat = HostFiles.fstat(from.number());
        if ((stat.mode() & FileMode.S_IFMT) != FileMode.S_IFREG) {
            throw Errno.EACCES.error();
        }
        if (stat.size() > BYTES_MAX) {
            throw Errno.EFBIG.error();
        }
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
        long done = 0;
        while (done < stat.size() && HostFiles.pread(from.number(), piece.clear(), done) > 0) {
            byte[] bytes = new byte[piece.flip().remaining()];
            piece.get(bytes);
            to.writeAt(caller, UserBuffer.of(bytes), done);
            done += bytes.length;
        }
    }
}
