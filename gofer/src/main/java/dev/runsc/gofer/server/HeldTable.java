package dev.runsc.gofer.server;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Nodes and handles by number. Numbers start at 1 and are not used twice. */
final class HeldTable {
    private final ConcurrentHashMap<Long, Held> table = new ConcurrentHashMap<>();
    private final AtomicLong lastNumber = new AtomicLong();
    private final int most;

    /** {@code most} bounds how many there may be, below what the process may open. */
    HeldTable(int most) {
        this.most = most;
    }

    /** Takes it over and numbers it. */
    long add(Held held) throws ErrnoException {
        if (table.size() >= most) {
            held.close();
            throw Errno.ENFILE.error();
        }
        long number = lastNumber.incrementAndGet();
        table.put(number, held);
        return number;
    }

    /** Finds one and counts the caller as a user, who closes it. */
    Held use(long number, Held.Kind kind) throws ErrnoException {
        Held held = table.get(number);
        if (held == null || held.kind != kind || !held.retain()) {
            throw Errno.EBADF.error();
        }
        return held;
    }

    Held node(long number) throws ErrnoException {
        return use(number, Held.Kind.NODE);
    }

    void release(List<Long> numbers) {
        for (Long number : numbers) {
            Held held = table.remove(number);
            if (held != null) {
                held.close();
            }
        }
    }

    int size() {
        return table.size();
    }
}
