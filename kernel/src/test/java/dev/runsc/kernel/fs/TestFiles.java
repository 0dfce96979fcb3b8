package dev.runsc.kernel.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.kernel.memory.Mappable;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.OpenRequest;
import dev.runsc.kernel.vfs.Opener;
import dev.runsc.kernel.vfs.PathWalk;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Short forms for tests of files. */
final class TestFiles {
    static final int PAGE = 4096;
    static final int CREATE = OpenFlags.O_CREAT | OpenFlags.O_RDWR;

    private TestFiles() {}

    static FileDescription open(Caller caller, String path, int flags) throws ErrnoException {
        return Opener.open(
                caller, caller.fs().workingDirectory(), path, OpenRequest.of(flags, 0644));
    }

    static void create(Caller caller, String path, String text) throws ErrnoException {
        FileDescription file = open(caller, path, CREATE);
        write(caller, file, text);
        file.release();
    }

    static void write(Caller caller, FileDescription file, String text) throws ErrnoException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertEquals(bytes.length, file.write(caller, UserBuffer.of(bytes)));
    }

    static String readAt(Caller caller, FileDescription file, long offset, int length)
            throws ErrnoException {
        byte[] bytes = new byte[length];
        long count = file.readAt(caller, UserBuffer.of(bytes), offset);
        return new String(bytes, 0, (int) count, StandardCharsets.UTF_8);
    }

    static String contents(Caller caller, String path) throws ErrnoException {
        FileDescription file = open(caller, path, OpenFlags.O_RDONLY);
        try {
            return readAt(caller, file, 0, 1 << 16);
        } finally {
            file.release();
        }
    }

    static Inode inode(Caller caller, String path) throws ErrnoException {
        return PathWalk.find(caller, path, 0).inode();
    }

    interface Call {
        void run() throws ErrnoException;
    }

    static void fails(Errno errno, Call call) {
        assertEquals(errno, assertThrows(ErrnoException.class, call::run).errno());
    }

    /** Notes what an address space would unmap. */
    static final class Observer implements Mappable.MappingObserver {
        final List<String> invalidated = new ArrayList<>();

        @Override
        public void invalidate(long offset, long lengthBytes) {
            long pages = lengthBytes / PAGE;
            invalidated.add(offset / PAGE + (pages > 1 << 30 ? "-" : "+" + pages));
        }
    }
}
