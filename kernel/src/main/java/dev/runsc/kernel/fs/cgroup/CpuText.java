package dev.runsc.kernel.fs.cgroup;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.cgroup.ControlGroup;
import dev.runsc.kernel.cgroup.Controller;
import dev.runsc.kernel.cgroup.Quantity;
import dev.runsc.kernel.fs.synthetic.Content;

/** Processor time and its limits. Nobody is throttled here, so the counts of that are 0. */
final class CpuText {
    private static final long MICRO = 1_000;

    /** USER_HZ is 100. */
    private static final long TICK = 10_000_000;

    private static final long PERIOD_LEAST = 1_000;
    private static final long PERIOD_MOST = 1_000_000;
    private static final long QUOTA_LEAST = 1_000;

    private CpuText() {}

    /** cpu.stat of version 2. */
    static void unified(ControlGroup group, Content out) {
        long user = group.userNanos() / MICRO;
        long system = group.systemNanos() / MICRO;
        out.text("usage_usec " + (user + system) + "\n");
        out.text("user_usec " + user + "\nsystem_usec " + system + "\n");
        if (!group.isRoot() && group.controllers().contains(Controller.CPU)) {
            out.text("nr_periods 0\nnr_throttled 0\nthrottled_usec 0\n");
            out.text("nr_bursts 0\nburst_usec 0\n");
        }
    }

    /** cpuacct.stat. */
    static void ticks(ControlGroup group, Content out) {
        out.text("user " + group.userNanos() / TICK + "\n");
        out.text("system " + group.systemNanos() / TICK + "\n");
    }

    /** cpu.max: a quota, and perhaps a period. */
    static void setMax(ControlGroup group, String text) throws ErrnoException {
        String[] words = text.split("\\s+", -1);
        long quota = words[0].equals("max") ? Quantity.NO_LIMIT : Numbers.unsigned(words[0]);
        long period =
                words.length > 1 ? Numbers.unsigned(words[1]) : group.get(Quantity.CPU_PERIOD);
        setBandwidth(group, quota, period, group.get(Quantity.CPU_BURST));
    }

    /** tg_set_cfs_bandwidth. */
    static void setBandwidth(ControlGroup group, long quota, long period, long burst)
            throws ErrnoException {
        boolean limited = quota != Quantity.NO_LIMIT;
        if (period < PERIOD_LEAST
                || period > PERIOD_MOST
                || limited && quota < QUOTA_LEAST
                || limited && (burst > quota || quota > Quantity.NO_LIMIT / MICRO)) {
            throw Errno.EINVAL.error();
        }
        group.set(Quantity.CPU_QUOTA, quota);
        group.set(Quantity.CPU_PERIOD, period);
        group.set(Quantity.CPU_BURST, burst);
    }
}
