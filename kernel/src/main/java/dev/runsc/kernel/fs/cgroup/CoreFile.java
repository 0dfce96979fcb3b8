package dev.runsc.kernel.fs.cgroup;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.cgroup.ControlGroup;
import dev.runsc.kernel.cgroup.Controller;
import dev.runsc.kernel.cgroup.Notice;
import dev.runsc.kernel.cgroup.Quantity;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.task.GroupTasks;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.ThreadGroup;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/** The files that every group of version 2 has (kernel/cgroup/cgroup.c, cgroup_base_files). */
enum CoreFile implements ControlFile {
    TYPE("cgroup.type", 0644, false),
    PROCS("cgroup.procs", 0644, true),
    THREADS("cgroup.threads", 0644, true),
    CONTROLLERS("cgroup.controllers", 0444, true),
    SUBTREE_CONTROL("cgroup.subtree_control", 0644, true),
    EVENTS("cgroup.events", 0444, false),
    MAX_DESCENDANTS("cgroup.max.descendants", 0644, true),
    MAX_DEPTH("cgroup.max.depth", 0644, true),
    STAT("cgroup.stat", 0444, true),
    FREEZE("cgroup.freeze", 0644, false),
    KILL("cgroup.kill", 0200, false),
    CPU_STAT("cpu.stat", 0444, true);

    private final String fileName;
    private final int permissions;
    private final boolean onRoot;

    CoreFile(String fileName, int permissions, boolean onRoot) {
        this.fileName = fileName;
        this.permissions = permissions;
        this.onRoot = onRoot;
    }

    @Override
    public String fileName() {
        return fileName;
    }

    @Override
    public int permissions() {
        return permissions;
    }

    @Override
    public boolean isIn(ControlGroup group) {
        return group.hierarchy().isUnified() && (onRoot || !group.isRoot());
    }

    @Override
    public @Nullable Notice notice(ControlGroup group) {
        return this == EVENTS ? group.events() : null;
    }

    @Override
    public void show(GroupView view, Content out) throws ErrnoException {
        ControlGroup group = view.group();
        switch (this) {
            case TYPE -> out.text(view.cgroups().type(group) + "\n");
            case PROCS -> {
                if (view.cgroups().isThreaded(group)) {
                    throw Errno.EOPNOTSUPP.error();
                }
                processes(view, out);
            }
            case THREADS -> threads(view, out);
            case CONTROLLERS -> out.text(Controller.names(group.controllers(), " ") + "\n");
            case SUBTREE_CONTROL -> out.text(Controller.names(group.subtreeControl(), " ") + "\n");
            case EVENTS -> {
                boolean[] state = group.state();
                out.text("populated " + (state[0] ? 1 : 0) + "\n");
                out.text("frozen " + (state[1] ? 1 : 0) + "\n");
            }
            case MAX_DESCENDANTS ->
                    out.text(Numbers.limit(group.get(Quantity.MAX_DESCENDANTS)) + "\n");
            case MAX_DEPTH -> out.text(Numbers.limit(group.get(Quantity.MAX_DEPTH)) + "\n");
            case STAT -> {
                out.text("nr_descendants " + view.cgroups().descendants(group) + "\n");
                out.text("nr_dying_descendants 0\n");
            }
            case FREEZE -> out.text(group.freeze() ? "1\n" : "0\n");
            case KILL -> throw Errno.EINVAL.error();
            case CPU_STAT -> CpuText.unified(group, out);
        }
    }

    /** The processes of a group; in a tree of threads those of its whole domain are shown once. */
    static void processes(GroupView view, Content out) {
        for (ThreadGroup process : GroupTasks.processes(view.tasks(), view.group())) {
            out.text(process.pid().in(view.pids()) + "\n");
        }
    }

    static void threads(GroupView view, Content out) {
        for (Task task : GroupTasks.in(view.tasks(), view.group(), false)) {
            out.text(task.numbers().in(view.pids()) + "\n");
        }
    }

    @Override
    public void write(GroupView view, String text) throws ErrnoException {
        ControlGroup group = view.group();
        switch (this) {
            case TYPE -> {
                if (!text.equals("threaded")) {
                    throw Errno.EINVAL.error();
                }
                view.cgroups().makeThreaded(group);
            }
            case PROCS, THREADS -> {
                Task moving = view.requireTask(text);
                view.requireMayMove(moving);
                GroupTasks.move(moving, group, this == PROCS);
            }
            case SUBTREE_CONTROL -> control(view, text);
            case MAX_DESCENDANTS -> group.set(Quantity.MAX_DESCENDANTS, most(text));
            case MAX_DEPTH -> group.set(Quantity.MAX_DEPTH, most(text));
            case FREEZE -> {
                long on = Numbers.within(Numbers.integer(text), 0, 1);
                GroupTasks.freeze(view.tasks(), group, on == 1);
            }
            case KILL -> {
                Numbers.within(Numbers.integer(text), 1, 1);
                if (view.cgroups().isThreaded(group)) {
                    throw Errno.EOPNOTSUPP.error();
                }
                GroupTasks.kill(view.tasks(), group, view.task());
            }
            case CONTROLLERS, EVENTS, STAT, CPU_STAT -> throw Errno.EINVAL.error();
        }
    }

    private static long most(String text) throws ErrnoException {
        if (text.equals("max")) {
            return Quantity.NO_LIMIT;
        }
        return Numbers.within(Numbers.integer(text), 0, Integer.MAX_VALUE);
    }

    private static void control(GroupView view, String text) throws ErrnoException {
        EnumSet<Controller> enable = EnumSet.noneOf(Controller.class);
        EnumSet<Controller> disable = EnumSet.noneOf(Controller.class);
        for (String word : text.split(" ", -1)) {
            if (word.isEmpty()) {
                continue;
            }
            Controller controller = Controller.find(word.substring(1));
            if (controller == null
                    || !view.group().hierarchy().controllers().contains(controller)) {
                throw Errno.EINVAL.error();
            }
            switch (word.charAt(0)) {
                case '+' -> {
                    enable.add(controller);
                    disable.remove(controller);
                }
                case '-' -> {
                    enable.remove(controller);
                    disable.add(controller);
                }
                default -> throw Errno.EINVAL.error();
            }
        }
        view.cgroups().control(view.group(), enable, disable);
    }
}
