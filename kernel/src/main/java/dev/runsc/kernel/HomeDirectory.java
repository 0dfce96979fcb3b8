package dev.runsc.kernel;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.PathWalk;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** {@code HOME} of a process whose configuration does not say it, as runc finds it too. */
final class HomeDirectory {
    /** Far more than any passwd(5); what lies behind is not looked at. */
    private static final int PASSWD_BYTES = 1 << 20;

    private static final int CHUNK_BYTES = 1 << 13;

    private static final String VARIABLE = "HOME=";
    private static final String NONE = "/";

    /** Fields of a line of passwd(5). */
    private static final int UID = 2;

    private static final int HOME = 5;

    private HomeDirectory() {}

    /** An environment with {@code HOME}: what is there, what /etc/passwd says, or the root. */
    static List<String> added(BootCaller caller, List<String> environment, int uid) {
        for (String variable : environment) {
            if (variable.startsWith(VARIABLE)) {
                return environment;
            }
        }
        List<String> more = new ArrayList<>(environment);
        more.add(VARIABLE + find(passwd(caller), uid));
        return more;
    }

    private static String passwd(BootCaller caller) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            Location location = PathWalk.find(caller, "/etc/passwd", PathWalk.FOLLOW);
            if (location.inode().isRegular()) {
                FileDescription file = location.inode().open(caller, location, OpenFlags.O_RDONLY);
                try {
                    read(caller, file, text);
                } finally {
                    file.release();
                }
            }
        } catch (ErrnoException e) {
            // Many images have none, and the first use of a logger takes 25 ms.
            if (!e.is(Errno.ENOENT)) {
                System.getLogger(HomeDirectory.class.getName())
                        .log(System.Logger.Level.DEBUG, "/etc/passwd: {0}", e.errno());
            }
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    private static void read(BootCaller caller, FileDescription file, ByteArrayOutputStream text)
            throws ErrnoException {
        byte[] some = new byte[CHUNK_BYTES];
        while (text.size() < PASSWD_BYTES) {
            long count = file.readAt(caller, UserBuffer.of(some), text.size());
            if (count <= 0) {
                return;
            }
            text.write(some, 0, (int) count);
        }
    }

    /** The home of a user in a text of passwd(5). */
    static String find(String passwd, int uid) {
        String wanted = Integer.toUnsignedString(uid);
        for (String line : passwd.split("\n")) {
            String[] fields = line.split(":", -1);
            if (fields.length > HOME && fields[UID].equals(wanted) && !fields[HOME].isEmpty()) {
                return fields[HOME];
            }
        }
        return NONE;
    }
}
