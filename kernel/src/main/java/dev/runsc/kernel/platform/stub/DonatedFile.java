package dev.runsc.kernel.platform.stub;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.kernel.platform.Platform.HostFileMapping;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/** A host file as a descriptor that all stubs share. */
final class DonatedFile implements HostFileMapping {
    private final Template template;
    private final int number;
    private final KernelLock lock = new KernelLock(LockClass.PLATFORM);

    /** Where calls that name the descriptor may still be queued. */
    @GuardedBy("lock")
    private final Set<RequestRing> users = Collections.newSetFromMap(new WeakHashMap<>());

    @GuardedBy("lock")
    private boolean closed;

    DonatedFile(Template template, int number) {
        this.template = template;
        this.number = number;
    }

    /** The descriptor's number in stub processes, for a call that goes into this ring. */
    int numberFor(RequestRing ring) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the file was given back");
            }
            users.add(ring);
            return number;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        List<RequestRing> waiting;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            waiting = new ArrayList<>(users);
            users.clear();
        } finally {
            lock.unlock();
        }
        for (RequestRing ring : waiting) {
            try {
                ring.flush();
            } catch (PlatformException e) {
                // Its process is gone or will run no more guest code; its owner hears of it.
                assert e != null;
            }
        }
        template.closeDescriptor(number);
    }
}
