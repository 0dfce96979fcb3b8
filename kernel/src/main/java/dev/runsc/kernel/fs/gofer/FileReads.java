package dev.runsc.kernel.fs.gofer;

import java.util.concurrent.atomic.LongAdder;

/**
 * What was read of the host's files since this kernel began, and how long that took. Pages that
 * guests have mapped are read by the host and not counted. Not saved: it is about this host.
 */
public final class FileReads {
    private final Counter gofer = new Counter();
    private final Counter host = new Counter();

    /** Answers of the gofer: names in directories, for files it opens and hands out. */
    public Counter gofer() {
        return gofer;
    }

    /** Contents of files, through descriptors that the gofer has donated. */
    public Counter host() {
        return host;
    }

    /** Reads of one kind. Each number is right; together they may be of different moments. */
    public static final class Counter {
        private final LongAdder count = new LongAdder();
        private final LongAdder bytes = new LongAdder();
        private final LongAdder nanos = new LongAdder();

        /**
         * A read has ended well.
         *
         * @param startedNanos of System.nanoTime, when it began
         */
        public void add(long readBytes, long startedNanos) {
            count.increment();
            bytes.add(readBytes);
            nanos.add(System.nanoTime() - startedNanos);
        }

        public long count() {
            return count.sum();
        }

        public long bytes() {
            return bytes.sum();
        }

        public long nanos() {
            return nanos.sum();
        }
    }
}
