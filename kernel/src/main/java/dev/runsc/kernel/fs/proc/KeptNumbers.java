package dev.runsc.kernel.fs.proc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.fs.synthetic.ContentSource;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.RawName;
import java.nio.charset.StandardCharsets;

/**
 * Numbers of /proc/sys that are kept as written (proc_doulongvec_minmax): tabs between, EINVAL
 * beyond the bounds.
 */
final class KeptNumbers implements ContentSource {
    private final long least;
    private final long most;

    @GuardedBy("this")
    private final long[] values;

    KeptNumbers(long[] values, long least, long most) {
        this.values = values.clone();
        this.least = least;
        this.most = most;
    }

    @Override
    public synchronized void generate(Caller caller, Content out) {
        for (int i = 0; i < values.length; i++) {
            out.text((i == 0 ? "" : "\t") + values[i]);
        }
        out.text("\n");
    }

    @Override
    public synchronized long write(Caller caller, byte[] data, long offset) throws ErrnoException {
        if (offset != 0) {
            return data.length;
        }
        String[] words = RawName.of(data).strip().split("\\s+", -1);
        long[] given = new long[Math.min(words.length, values.length)];
        for (int i = 0; i < given.length; i++) {
            given[i] = TaskText.longNumber(words[i].getBytes(StandardCharsets.ISO_8859_1));
            if (given[i] < least || given[i] > most) {
                throw Errno.EINVAL.error();
            }
        }
        System.arraycopy(given, 0, values, 0, given.length);
        return data.length;
    }
}
