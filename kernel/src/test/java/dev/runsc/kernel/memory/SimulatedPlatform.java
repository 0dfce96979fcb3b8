package dev.runsc.kernel.memory;

import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.platform.AddressSpace;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A platform whose address spaces are page tables in this JVM: a test can look at what a stub would
 * have mapped, and touch memory as its guest would.
 */
final class SimulatedPlatform implements Platform {
    final List<Space> spaces = new ArrayList<>();

    @Override
    public Space newAddressSpace() {
        Space space = new Space();
        spaces.add(space);
        return space;
    }

    @Override
    public HostFileMapping importFile(HostFd file) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int xsaveSize() {
        return 0;
    }

    @Override
    public long xsaveFeatures() {
        return 0;
    }

    @Override
    public void close() {}

    /** What a page maps: an offset into the memory file, or into a file. */
    record Entry(@Nullable HostFileMapping file, long offset, int protection) {}

    /** One simulated stub. Requests wait until they are flushed, as with a real one. */
    static final class Space implements AddressSpace {
        final TreeMap<Long, Entry> table = new TreeMap<>();
        final List<String> requests = new ArrayList<>();
        private final ArrayList<Runnable> queue = new ArrayList<>();
        private boolean released;

        private synchronized void add(String text, long address, long length, Runnable action) {
            if (released
                    || !Addresses.isAligned(address | length)
                    || length <= 0
                    || address < 0
                    || address > MAX_USER_ADDRESS - length) {
                throw new AssertionError("bad request " + text);
            }
            requests.add(text);
            queue.add(action);
        }

        @Override
        public void mapMemory(
                long address, long length, long fileOffset, int protection, boolean populate) {
            set("map", address, length, null, fileOffset, protection);
        }

        @Override
        public void mapHostFile(
                long address, long length, HostFileMapping file, long fileOffset, int protection) {
            if ((protection & 2) != 0) {
                throw new AssertionError("host file mapped writable");
            }
            set("file", address, length, file, fileOffset, protection);
        }

        private void set(
                String what,
                long address,
                long length,
                @Nullable HostFileMapping file,
                long offset,
                int protection) {
            add(
                    String.format(
                            "%s %x+%x at %x prot %d", what, address, length, offset, protection),
                    address,
                    length,
                    () -> {
                        for (long i = 0; i < length; i += PAGE_SIZE) {
                            table.put(address + i, new Entry(file, offset + i, protection));
                        }
                    });
        }

        @Override
        public void unmap(long address, long length) {
            add(
                    String.format("unmap %x+%x", address, length),
                    address,
                    length,
                    () -> table.subMap(address, address + length).clear());
        }

        @Override
        public void protect(long address, long length, int protection) {
            add(
                    String.format("protect %x+%x prot %d", address, length, protection),
                    address,
                    length,
                    () -> {
                        for (long at = address; at < address + length; at += PAGE_SIZE) {
                            Entry old = table.get(at);
                            if (old == null) {
                                throw new AssertionError("protect of a page not mapped");
                            }
                            if (old.file != null && (protection & 2) != 0) {
                                throw new AssertionError("host file made writable");
                            }
                            table.put(at, new Entry(old.file, old.offset, protection));
                        }
                    });
        }

        @Override
        public synchronized void flush() {
            queue.forEach(Runnable::run);
            queue.clear();
        }

        @Override
        public synchronized boolean hasQueued() {
            return !queue.isEmpty();
        }

        @Override
        public void synchronizeCode() {}

        @Override
        public GuestContext newContext() {
            throw new UnsupportedOperationException();
        }

        @Override
        public synchronized void release() {
            released = true;
            queue.clear();
            table.clear();
        }

        boolean isReleased() {
            return released;
        }

        /** Areas the host would have, adjacent equal ones joined. */
        int hostAreas() {
            int count = 0;
            Long previous = null;
            Entry last = null;
            for (var page : table.entrySet()) {
                Entry entry = page.getValue();
                if (previous == null
                        || last == null
                        || previous + PAGE_SIZE != page.getKey()
                        || last.file != entry.file
                        || last.protection != entry.protection
                        || last.offset + PAGE_SIZE != entry.offset) {
                    count++;
                }
                previous = page.getKey();
                last = entry;
            }
            return count;
        }
    }
}
