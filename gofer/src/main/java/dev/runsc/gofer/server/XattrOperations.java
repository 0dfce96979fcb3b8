package dev.runsc.gofer.server;

import static dev.runsc.gofer.abi.OpenFlags.O_NONBLOCK;
import static dev.runsc.gofer.abi.OpenFlags.O_RDONLY;

import dev.runsc.gofer.abi.ByteText;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostXattr;
import dev.runsc.gofer.protocol.Reply;
import dev.runsc.gofer.protocol.Request;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * Extended attributes: those of {@code user.}, which regular files and directories alone can have.
 * The other families act on the host itself (capabilities, labels) and are not a guest's.
 */
final class XattrOperations {
    private static final String PREFIX = "user.";

    private final HeldTable table;
    private final NodeAccess access;

    XattrOperations(HeldTable table, NodeAccess access) {
        this.table = table;
        this.access = access;
    }

    Reply.Data get(Request.GetXattr r) throws ErrnoException {
        requireUser(r.name());
        try (Held node = table.node(r.node());
                HostFd file = open(node)) {
            return new Reply.Data(ByteBuffer.wrap(HostXattr.get(file.number(), r.name())));
        }
    }

    Reply.Data list(Request.ListXattr r) throws ErrnoException {
        try (Held node = table.node(r.node())) {
            if (!canHave(node)) {
                return new Reply.Data(ByteBuffer.allocate(0));
            }
            try (HostFd file = open(node)) {
                return new Reply.Data(ByteBuffer.wrap(onlyUser(HostXattr.list(file.number()))));
            }
        }
    }

    Reply.Done set(Request.SetXattr r) throws ErrnoException {
        requireUser(r.name());
        try (Held node = table.node(r.node())) {
            node.requireWritable();
            byte[] value = new byte[r.value().remaining()];
            r.value().get(value);
            try (HostFd file = open(node)) {
                HostXattr.set(file.number(), r.name(), value, r.flags());
            }
            return new Reply.Done();
        }
    }

    Reply.Done remove(Request.RemoveXattr r) throws ErrnoException {
        requireUser(r.name());
        try (Held node = table.node(r.node())) {
            node.requireWritable();
            try (HostFd file = open(node)) {
                HostXattr.remove(file.number(), r.name());
            }
            return new Reply.Done();
        }
    }

    private static boolean canHave(Held node) {
        return node.isRegular() || node.isDirectory();
    }

    private HostFd open(Held node) throws ErrnoException {
        if (!canHave(node)) {
            throw Errno.EOPNOTSUPP.error();
        }
        return access.reopen(node.fd(), O_RDONLY | O_NONBLOCK);
    }

    private static void requireUser(byte[] name) throws ErrnoException {
        if (!ByteText.of(name).startsWith(PREFIX)) {
            throw Errno.EOPNOTSUPP.error();
        }
    }

    private static byte[] onlyUser(byte[] names) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        int start = 0;
        for (int i = 0; i < names.length; i++) {
            if (names[i] == 0) {
                if (ByteText.of(names, start, i - start).startsWith(PREFIX)) {
                    kept.write(names, start, i + 1 - start);
                }
                start = i + 1;
            }
        }
        return kept.toByteArray();
    }
}
