package dev.runsc.kernel.fs.proc;

import dev.runsc.kernel.cgroup.CgroupNamespace;
import dev.runsc.kernel.cgroup.Cgroups;
import dev.runsc.kernel.cgroup.ControlGroup;
import dev.runsc.kernel.cgroup.Controller;
import dev.runsc.kernel.cgroup.Hierarchy;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.Caller;

/** What proc tells of control groups (cgroups(7)), as the reader's cgroup namespace has them. */
final class ControlGroupText {
    private ControlGroupText() {}

    /** {@code /proc/cgroups}: version 1's view. */
    static void controllers(Cgroups cgroups, Content out) {
        out.text("#subsys_name\thierarchy\tnum_cgroups\tenabled\n");
        for (Controller controller : Controller.values()) {
            Hierarchy hierarchy = cgroups.of(controller);
            int id = hierarchy == null ? 0 : hierarchy.id();
            int count = hierarchy == null ? 1 : cgroups.count(hierarchy);
            out.text(controller.controllerName() + "\t" + id + "\t" + count + "\t1\n");
        }
    }

    /** {@code /proc/PID/cgroup}. */
    static void groups(Caller caller, Task task, Content out) {
        for (Hierarchy hierarchy : task.taskSet().cgroups().hierarchies()) {
            out.text(hierarchy.id() + ":");
            if (!hierarchy.isUnified()) {
                String names = Controller.names(hierarchy.controllers(), ",");
                out.text(names);
                if (!hierarchy.name().isEmpty()) {
                    out.text((names.isEmpty() ? "" : ",") + "name=" + hierarchy.name());
                }
            }
            ControlGroup group = task.membership().in(hierarchy);
            out.text(":").raw(path(caller, task, group));
            out.text(group.isDead() ? " (deleted)\n" : "\n");
        }
    }

    /** {@code /proc/PID/cpuset}. */
    static void cpuset(Caller caller, Task task, Content out) {
        Hierarchy hierarchy = task.taskSet().cgroups().of(Controller.CPUSET);
        String path = hierarchy == null ? "/" : path(caller, task, task.membership().in(hierarchy));
        out.raw(path).text("\n");
    }

    private static String path(Caller caller, Task task, ControlGroup group) {
        Task reader = Inspection.findTask(caller);
        CgroupNamespace view = (reader == null ? task : reader).namespaces().cgroups();
        return view.path(group);
    }
}
