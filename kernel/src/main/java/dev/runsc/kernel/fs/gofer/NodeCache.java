package dev.runsc.kernel.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/**
 * What a mount holds of host resources, least recently used first: inodes the gofer keeps a node
 * for, files whose descriptor stays open though nobody has them open, and files in use. Not saved.
 */
final class NodeCache {
    private static final int MAX_NODES = 8192;
    private static final int MAX_IDLE_FILES = 256;
    private static final boolean BY_ACCESS = true;

    private final KernelLock lock = new KernelLock(LockClass.GOFER);

    @GuardedBy("lock")
    private final LinkedHashMap<GoferInode, Boolean> nodes =
            new LinkedHashMap<>(64, 0.75f, BY_ACCESS);

    @GuardedBy("lock")
    private final LinkedHashMap<GoferFile, Boolean> idle =
            new LinkedHashMap<>(64, 0.75f, BY_ACCESS);

    @GuardedBy("lock")
    private final Set<GoferFile> inUse = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Whether the mount's container is gone: then nothing is kept any more. */
    @GuardedBy("lock")
    private boolean ended;

    /** An inode got or used its node. Called without the inode's lock. */
    void used(GoferInode inode) {
        List<GoferInode> surplus;
        lock.lock();
        try {
            nodes.put(inode, true);
            surplus = takeOldest(nodes, MAX_NODES);
        } finally {
            lock.unlock();
        }
        for (GoferInode old : surplus) {
            if (!old.tryDropNode()) {
                keep(old);
            }
        }
    }

    private void keep(GoferInode busy) {
        lock.lock();
        try {
            nodes.put(busy, true);
        } finally {
            lock.unlock();
        }
    }

    /** A file came into use: opened or mapped. */
    void busy(GoferFile file) {
        lock.lock();
        try {
            idle.remove(file);
            inUse.add(file);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Nobody has a file open or mapped any more; its descriptor is kept for a while. Called without
     * the inode's lock.
     */
    void idle(GoferFile file) {
        List<GoferFile> surplus;
        lock.lock();
        try {
            inUse.remove(file);
            idle.put(file, true);
            surplus = takeOldest(idle, ended ? 0 : MAX_IDLE_FILES);
        } finally {
            lock.unlock();
        }
        surplus.forEach(GoferFile::closeIfIdle);
    }

    /** The mount's container is gone: closes what is kept, and from now on all that comes idle. */
    void end() {
        List<GoferFile> all;
        lock.lock();
        try {
            ended = true;
            all = takeOldest(idle, 0);
        } finally {
            lock.unlock();
        }
        all.forEach(GoferFile::closeIfIdle);
    }

    /** Closes what is kept open for nobody. */
    void closeIdle() {
        List<GoferFile> all;
        lock.lock();
        try {
            all = takeOldest(idle, 0);
        } finally {
            lock.unlock();
        }
        all.forEach(GoferFile::closeIfIdle);
    }

    List<GoferFile> filesInUse() {
        lock.lock();
        try {
            return new ArrayList<>(inUse);
        } finally {
            lock.unlock();
        }
    }

    private static <T> List<T> takeOldest(LinkedHashMap<T, Boolean> map, int most) {
        if (map.size() <= most) {
            return List.of();
        }
        List<T> oldest = new ArrayList<>();
        Iterator<T> all = map.keySet().iterator();
        while (map.size() - oldest.size() > most && all.hasNext()) {
            oldest.add(all.next());
        }
        oldest.forEach(map::remove);
        return oldest;
    }
}
