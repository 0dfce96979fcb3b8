package dev.runsc.kernel.fs.cgroup;

import dev.runsc.kernel.cgroup.ControlGroup;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.memory.MemoryStatistics;
import dev.runsc.kernel.task.GroupTasks;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.TaskSet;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * What the tasks of a group use, in bytes, as they use it now: the resident pages of their address
 * spaces. A page that several have is counted for each, files that nobody has mapped for none.
 */
record MemoryText(long anonymous, long file, long shared) {
    static MemoryText of(TaskSet tasks, ControlGroup group) {
        Set<MemoryManager> spaces = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Task task : GroupTasks.in(tasks, group, true)) {
            MemoryManager memory = task.findMemory();
            if (memory != null) {
                spaces.add(memory);
            }
        }
        long anonymous = 0;
        long file = 0;
        long shared = 0;
        for (MemoryManager space : spaces) {
            MemoryStatistics statistics = space.statistics();
            anonymous += statistics.residentAnonymous();
            file += statistics.residentFile();
            shared += statistics.residentShared();
        }
        return new MemoryText(anonymous, file, shared);
    }

    long total() {
        return anonymous + file + shared;
    }

    /** memory.stat of version 2, as far as it is known. */
    void unified(Content out) {
        out.text("anon " + anonymous + "\n");
        out.text("file " + (file + shared) + "\n");
        out.text("kernel 0\nkernel_stack 0\npagetables 0\nsock 0\n");
        out.text("shmem " + shared + "\n");
        out.text("file_mapped " + (file + shared) + "\n");
        out.text("file_dirty 0\nfile_writeback 0\nswapcached 0\n");
        out.text("inactive_anon " + (anonymous + shared) + "\nactive_anon 0\n");
        out.text("inactive_file " + file + "\nactive_file 0\nunevictable 0\n");
    }

    /** memory.stat of version 1. */
    void legacy(long limit, Content out) {
        long[] values = {file + shared, anonymous, shared, file + shared};
        String[] names = {"cache", "rss", "shmem", "mapped_file"};
        for (int i = 0; i < names.length; i++) {
            out.text(names[i] + " " + values[i] + "\n");
        }
        out.text("swap 0\ninactive_anon " + (anonymous + shared) + "\nactive_anon 0\n");
        out.text("inactive_file " + file + "\nactive_file 0\nunevictable 0\n");
        out.text("hierarchical_memory_limit " + limit + "\n");
        for (int i = 0; i < names.length; i++) {
            out.text("total_" + names[i] + " " + values[i] + "\n");
        }
        out.text("total_swap 0\ntotal_inactive_anon " + (anonymous + shared) + "\n");
        out.text("total_active_anon 0\ntotal_inactive_file " + file + "\n");
        out.text("total_active_file 0\ntotal_unevictable 0\n");
    }
}
