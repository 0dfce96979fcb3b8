package dev.runsc.kernel.cgroup;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What groups control and count, in Linux's order (include/linux/cgroup_subsys.h). */
public enum Controller {
    CPUSET("cpuset", true, true),
    CPU("cpu", true, true),
    CPUACCT("cpuacct", false, true),
    MEMORY("memory", true, false),
    DEVICES("devices", false, false),
    PIDS("pids", true, true),

    /** Not Linux's: a number that batch systems of version 1 give their groups. */
    JOB("job", false, false);

    /** Those that version 2 has. */
    public static final Set<Controller> UNIFIED =
            Collections.unmodifiableSet(EnumSet.of(CPUSET, CPU, MEMORY, PIDS));

    /** Of these, those that groups of threads may have. */
    public static final Set<Controller> THREADED =
            Collections.unmodifiableSet(EnumSet.of(CPUSET, CPU, PIDS));

    private final String controllerName;
    private final boolean unified;
    private final boolean threaded;

    Controller(String controllerName, boolean unified, boolean threaded) {
        this.controllerName = controllerName;
        this.unified = unified;
        this.threaded = threaded;
    }

    public String controllerName() {
        return controllerName;
    }

    boolean isUnified() {
        return unified;
    }

    boolean isThreaded() {
        return threaded;
    }

    public static @Nullable Controller find(String name) {
        for (Controller controller : values()) {
            if (controller.controllerName.equals(name)) {
                return controller;
            }
        }
        return null;
    }

    /** Their names, separated. */
    public static String names(Collection<Controller> controllers, String separator) {
        return controllers.stream()
                .sorted()
                .map(Controller::controllerName)
                .collect(Collectors.joining(separator));
    }
}
