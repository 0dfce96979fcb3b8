package dev.runsc.kernel;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.fs.overlay.OverlayFileSystem;
import dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem;
import dev.runsc.kernel.vfs.FileSystem;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.PathWalk;
import dev.runsc.kernel.vfs.RawName;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file systems of containers whose files memory holds, found by the places that configurations
 * name, and saved without the processes.
 */
final class FileSystems {
    /** Instead of a path: all there are. */
    private static final String ALL = "all-tmpfs";

    private final SandboxState state;

    FileSystems(SandboxState state) {
        this.state = state;
    }

    /**
     * What is wanted.
     *
     * @param container id; empty for every container
     * @param path a place; {@link #ALL} for all places
     */
    private record Wanted(String container, String path) {
        static Wanted of(String text) throws KernelException {
            int colon = text.startsWith("/") ? -1 : text.indexOf(':');
            String container = colon < 0 ? "" : text.substring(0, colon);
            String path = text.substring(colon + 1);
            if (path.length() > 1 && path.endsWith("/")) {
                path = path.substring(0, path.length() - 1);
            }
            if (!path.equals(ALL) && !path.startsWith("/")) {
                throw new KernelException("\"" + text + "\" is not [CONTAINER:]PATH or " + ALL);
            }
            return new Wanted(container, path);
        }

        boolean is(ContainerState other, String place) {
            return (container.isEmpty() || container.equals(other.container.id()))
                    && (path.equals(ALL) || path.equals(place));
        }

        @Override
        public String toString() {
            return path + (container.isEmpty() ? "" : " of container " + container);
        }
    }

    /** The tree of a file system whose files memory holds; null for others. */
    static @Nullable TmpfsFileSystem inMemory(FileSystem files) {
        // No switch over types: each start comes by here, and the JDK's means for one take 10 ms.
        if (files instanceof OverlayFileSystem overlay) {
            return overlay.upper();
        }
        return files instanceof TmpfsFileSystem tmpfs ? tmpfs : null;
    }

    /**
     * Writes an image, in the order of containers and of the places in their configurations, each
     * file system once.
     *
     * @param paths {@code [ID:]PATH} or {@code all-tmpfs}
     * @return offset and length of the pieces of the memory file that belong to the image, rising
     */
    long[] save(List<String> paths, OutputStream records) throws KernelException {
        List<Wanted> wanted = new ArrayList<>();
        for (String path : paths) {
            wanted.add(Wanted.of(path));
        }
        try {
            FileImageWriter writer = new FileImageWriter(records);
            List<Wanted> missing = new ArrayList<>(wanted);
            Set<FileSystem> done = Collections.newSetFromMap(new IdentityHashMap<>());
            for (ContainerState container : state.containers()) {
                for (String place : container.memoryPaths()) {
                    if (wanted.stream().noneMatch(each -> each.is(container, place))) {
                        continue;
                    }
                    FileSystem files = mounted(container, place);
                    TmpfsFileSystem tree = files == null ? null : inMemory(files);
                    if (files == null || tree == null) {
                        continue;
                    }
                    missing.removeIf(each -> each.is(container, place));
                    if (done.add(files)) {
                        String volume = state.sharedName(files);
                        writer.add(container.container.name(), place, volume, tree);
                    }
                }
            }
            if (!missing.isEmpty()) {
                throw new KernelException("no files in memory to save at " + missing.getFirst());
            }
            return writer.finish().within(state.memoryFile.committedRanges());
        } catch (IOException | ErrnoException failed) {
            throw new KernelException("cannot save files: " + failed.getMessage(), failed);
        }
    }

    /** What is mounted at a place now, whatever programs have done there; null for nothing. */
    private @Nullable FileSystem mounted(ContainerState container, String place)
            throws ErrnoException {
        Location root = container.mounts.rootLocation();
        BootCaller caller =
                new BootCaller(new FsContext(root, root, 0), Credentials.root(state.users));
        try {
            Location found = PathWalk.find(caller, RawName.ofText(place), PathWalk.FOLLOW);
            boolean whole = found.inode() == found.mount().fileSystem().root();
            return whole ? found.mount().fileSystem() : null;
        } catch (ErrnoException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP)) {
                return null;
            }
            throw e;
        }
    }
}
