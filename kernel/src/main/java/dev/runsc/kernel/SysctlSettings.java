package dev.runsc.kernel;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.fs.synthetic.SyntheticFile;
import dev.runsc.kernel.task.NamespaceSet;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.PathWalk;
import dev.runsc.kernel.vfs.RawName;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sets what a container's configuration wants of /proc/sys, in its namespaces and before any of its
 * processes runs. That the container may find /proc/sys read-only does not matter here.
 */
final class SysctlSettings {
    private final BootCaller caller;
    private final Inode root;

    private SysctlSettings(BootCaller caller, Inode root) {
        this.caller = caller;
        this.root = root;
    }

    static void apply(
            SandboxState state, Location root, NamespaceSet namespaces, Map<String, String> values)
            throws KernelException {
        if (values.isEmpty()) {
            return;
        }
        BootCaller caller =
                new BootCaller(new FsContext(root, root, 0), Credentials.root(state.users))
                        .in(namespaces);
        try {
            Location proc = PathWalk.find(caller, "/proc", PathWalk.FOLLOW);
            SysctlSettings settings = new SysctlSettings(caller, proc.inode());
            for (Map.Entry<String, String> value : values.entrySet()) {
                settings.set(value.getKey(), value.getValue());
            }
        } catch (ErrnoException failed) {
            throw new KernelException("linux.sysctl: /proc: " + failed.errno().message(), failed);
        }
    }

    private void set(String name, String value) throws KernelException {
        try {
            byte[] data = value.getBytes(StandardCharsets.UTF_8);
            SyntheticFile file = find("sys/" + path(name));
            if (file == null) {
                throw new KernelException(
                        "linux.sysctl: setting \"" + name + "\" is not supported");
            }
            if ((file.mode() & 0222) != 0) {
                file.source().write(caller, data, 0);
            } else if (!isValue(file, value)) {
                throw new KernelException("linux.sysctl: \"" + name + "\" cannot be changed");
            }
        } catch (ErrnoException failed) {
            throw new KernelException(
                    "linux.sysctl: setting \""
                            + name
                            + "\" to \""
                            + value
                            + "\": "
                            + failed.errno().message().toLowerCase(java.util.Locale.ROOT),
                    failed);
        }
    }

    /** With a slash as the first separator a name is a path; else slashes stand for dots in it. */
    private static String path(String name) {
        int dot = name.indexOf('.');
        int slash = name.indexOf('/');
        if (dot < 0 || slash >= 0 && slash < dot) {
            return name;
        }
        StringBuilder path = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char each = name.charAt(i);
            path.append(each == '.' ? '/' : each == '/' ? '.' : each);
        }
        return path.toString();
    }

    private @Nullable SyntheticFile find(String path) throws ErrnoException {
        Inode at = root;
        for (String name : path.split("/", -1)) {
            Inode next = at.isDirectory() ? at.lookup(caller, RawName.ofText(name)) : null;
            if (next == null) {
                return null;
            }
            at = next;
        }
        return at instanceof SyntheticFile file ? file : null;
    }

    private boolean isValue(SyntheticFile file, String value) throws ErrnoException {
        Content content = new Content();
        file.source().generate(caller, content);
        String now = new String(content.toBytes(), StandardCharsets.UTF_8);
        return now.strip().replaceAll("\\s+", " ").equals(value.strip().replaceAll("\\s+", " "));
    }
}
