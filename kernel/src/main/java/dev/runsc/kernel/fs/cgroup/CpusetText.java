package dev.runsc.kernel.fs.cgroup;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.cgroup.ControlGroup;
import dev.runsc.kernel.fs.proc.MachineInfo;
import java.util.BitSet;

/**
 * Processors and memory nodes of groups. They are kept and shown; the host decides who runs where.
 */
final class CpusetText {
    static final String CPUS = "cpuset.cpus";
    static final String NODES = "cpuset.mems";

    private CpusetText() {}

    private static BitSet all(MachineInfo machine, String key) {
        BitSet all = new BitSet();
        all.set(0, key.equals(CPUS) ? machine.processors() : 1);
        return all;
    }

    /** What the tasks of a group may use: its own wish as far as the groups above have it. */
    static BitSet effective(MachineInfo machine, ControlGroup group, String key)
            throws ErrnoException {
        ControlGroup parent = group.parent();
        if (parent == null) {
            return all(machine, key);
        }
        BitSet above = effective(machine, parent, key);
        BitSet own = Numbers.list(group.text(key));
        if (!group.hierarchy().isUnified()) {
            return own;
        }
        own.and(above);
        return own.isEmpty() ? above : own;
    }

    /** What was asked for; the root of version 1 has all there is. */
    static String wanted(MachineInfo machine, ControlGroup group, String key) {
        return group.isRoot() && !group.hierarchy().isUnified()
                ? Numbers.list(all(machine, key))
                : group.text(key);
    }

    /** update_cpumask and update_nodemask, with version 1's validate_change. */
    static void set(GroupView view, String key, String text) throws ErrnoException {
        ControlGroup group = view.group();
        ControlGroup parent = group.parent();
        if (parent == null) {
            throw Errno.EACCES.error();
        }
        BitSet wanted = Numbers.list(text);
        BitSet beyond = (BitSet) wanted.clone();
        beyond.andNot(all(view.machine(), key));
        if (!beyond.isEmpty()) {
            throw Errno.EINVAL.error();
        }
        if (!group.hierarchy().isUnified()) {
            if (wanted.isEmpty() && group.tasks() > 0) {
                throw Errno.ENOSPC.error();
            }
            for (ControlGroup child : group.children()) {
                requireWithin(Numbers.list(child.text(key)), wanted, Errno.EBUSY);
            }
            requireWithin(wanted, effective(view.machine(), parent, key), Errno.EACCES);
        }
        group.setText(key, Numbers.list(wanted));
    }

    private static void requireWithin(BitSet set, BitSet limit, Errno error) throws ErrnoException {
        BitSet rest = (BitSet) set.clone();
        rest.andNot(limit);
        if (!rest.isEmpty()) {
            throw error.error();
        }
    }
}
