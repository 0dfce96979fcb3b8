package dev.runsc.kernel.fs.sys;

import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.kernel.fs.proc.MachineInfo;
import dev.runsc.kernel.fs.synthetic.SyntheticDirectory;
import dev.runsc.kernel.fs.synthetic.SyntheticFileSystem;
import dev.runsc.kernel.fs.synthetic.SyntheticLink;
import dev.runsc.kernel.vfs.VirtualFileSystem;

/** An instance of sysfs. */
public final class SysFileSystem extends SyntheticFileSystem {
    private static final int DIRECTORY = 0755;

    public SysFileSystem(VirtualFileSystem vfs, MachineInfo machine) {
        super(vfs, "sysfs", MountFlags.SYSFS_MAGIC, false);
        SyntheticDirectory root = new SyntheticDirectory(this, 0555);
        root.add("block", directory());
        root.add("bus", directory("cpu", "node", "pci"));
        root.add("class", directory("block", "dmi", "mem", "misc", "net", "power_supply", "tty"));
        root.add("dev", directory("block", "char"));
        root.add("devices", devices(machine));
        root.add("firmware", directory());
        root.add("fs", directory("cgroup"));
        root.add("kernel", kernel());
        root.add("module", directory());
        root.add("power", directory());
        setRoot(root);
    }

    private SyntheticDirectory directory(String... children) {
        SyntheticDirectory made = new SyntheticDirectory(this, DIRECTORY);
        for (String child : children) {
            made.add(child, new SyntheticDirectory(this, DIRECTORY));
        }
        return made;
    }

    private SysFile file(String text) {
        return new SysFile(this, text);
    }

    private SyntheticDirectory devices(MachineInfo machine) {
        SyntheticDirectory dmi = directory();
        dmi.add("product_name", file("runsc"));
        dmi.add("sys_vendor", file("runsc"));
        SyntheticDirectory virtual = directory().add("dmi", directory().add("id", dmi));
        SyntheticDirectory system = directory();
        system.add("cpu", processors(machine));
        system.add("node", nodes(machine));
        return directory().add("system", system).add("virtual", virtual);
    }

    private SyntheticDirectory processors(MachineInfo machine) {
        SyntheticDirectory all = directory();
        for (int cpu = 0; cpu < machine.processors(); cpu++) {
            SyntheticDirectory one = directory();
            one.add("topology", topology(machine, cpu));
            one.add("node0", SyntheticLink.fixed(this, "../../node/node0"));
            one.add("subsystem", SyntheticLink.fixed(this, "../../../../bus/cpu"));
            all.add("cpu" + cpu, one);
        }
        all.add("isolated", file(""));
        all.add("kernel_max", file("8191"));
        all.add("offline", file(""));
        all.add("online", file(machine.processorList()));
        all.add("possible", file(machine.processorList()));
        all.add("present", file(machine.processorList()));
        return all;
    }

    /**
     * Every processor is a core of its own, all in one package
     * (Documentation/admin-guide/cputopology.rst).
     */
    private SyntheticDirectory topology(MachineInfo machine, int cpu) {
        long[] own = new long[cpu / 64 + 1];
        own[cpu / 64] = 1L << cpu % 64;
        String self = machine.mask(own);
        String all = machine.mask(machine.all());
        SyntheticDirectory made = directory();
        made.add("cluster_id", file("0"));
        made.add("core_cpus", file(self)).add("core_cpus_list", file(Integer.toString(cpu)));
        made.add("core_id", file(Integer.toString(cpu)));
        made.add("core_siblings", file(all))
                .add("core_siblings_list", file(machine.processorList()));
        made.add("die_cpus", file(all)).add("die_cpus_list", file(machine.processorList()));
        made.add("die_id", file("0"));
        made.add("package_cpus", file(all)).add("package_cpus_list", file(machine.processorList()));
        made.add("physical_package_id", file("0"));
        made.add("thread_siblings", file(self))
                .add("thread_siblings_list", file(Integer.toString(cpu)));
        return made;
    }

    private SyntheticDirectory nodes(MachineInfo machine) {
        SyntheticDirectory node = directory();
        node.add("cpulist", file(machine.processorList()))
                .add("cpumap", file(machine.mask(machine.all())));
        node.add("distance", file("10"));
        SyntheticDirectory all = directory().add("node0", node);
        for (String name :
                new String[] {"has_cpu", "has_memory", "has_normal_memory", "online", "possible"}) {
            all.add(name, file("0"));
        }
        return all;
    }

    private SyntheticDirectory kernel() {
        SyntheticDirectory huge = directory();
        huge.add("defrag", file("always defer defer+madvise [madvise] never"));
        huge.add("enabled", file("always [madvise] never"));
        huge.add("hpage_pmd_size", file("2097152"));
        huge.add("shmem_enabled", file("always within_size advise [never] deny force"));
        huge.add("use_zero_page", file("1"));
        SyntheticDirectory memory = directory("hugepages").add("transparent_hugepage", huge);
        return directory("debug", "security", "tracing").add("mm", memory);
    }
}
