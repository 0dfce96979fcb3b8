package dev.runsc.kernel.fs.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.kernel.auth.AuthTypes;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.cgroup.CgroupTypes;
import dev.runsc.kernel.fs.TestCaller;
import dev.runsc.kernel.fs.synthetic.SyntheticTypes;
import dev.runsc.kernel.fs.sys.SysFileSystem;
import dev.runsc.kernel.fs.sys.SysTypes;
import dev.runsc.kernel.memory.MemoryTypes;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.platform.PlatformTypes;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.task.TaskSet;
import dev.runsc.kernel.task.TaskTypes;
import dev.runsc.kernel.task.futex.FutexTypes;
import dev.runsc.kernel.task.signal.SignalTypes;
import dev.runsc.kernel.time.TimeTypes;
import dev.runsc.kernel.time.Timekeeper;
import dev.runsc.kernel.time.TimerQueue;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.FileSystem;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.MountNamespace;
import dev.runsc.kernel.vfs.OpenRequest;
import dev.runsc.kernel.vfs.Opener;
import dev.runsc.kernel.vfs.PathWalk;
import dev.runsc.kernel.vfs.RawName;
import dev.runsc.kernel.vfs.VfsTypes;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import dev.runsc.state.ObjectGraph;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.Savable;
import dev.runsc.state.StateException;
import dev.runsc.state.StateSchema;
import dev.runsc.state.ValueAdapter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Formats of proc and sys as Linux has them, and both after a restore. What tasks show is tried
 * with whole programs.
 */
class ProcTest {
    /** What an image of these tests holds. */
    static final class Root implements Savable {
        final VirtualFileSystem vfs;
        final TaskSet tasks;
        final MountNamespace mounts;

        Root(VirtualFileSystem vfs, TaskSet tasks, FileSystem mounted) {
            this.vfs = vfs;
            this.tasks = tasks;
            this.mounts = vfs.newNamespace(new UserNamespace(), mounted, "test", 0);
        }

        TestCaller caller() {
            return new TestCaller(mounts, Credentials.root(new UserNamespace()));
        }

        FileDescription open(String path, int flags) throws ErrnoException {
            TestCaller caller = caller();
            Location start = mounts.rootLocation();
            return Opener.open(caller, start, path, OpenRequest.of(flags, 0));
        }

        String read(String path) throws ErrnoException {
            return read(open(path, OpenFlags.O_RDONLY));
        }

        String read(FileDescription file) throws ErrnoException {
            byte[] bytes = new byte[1 << 16];
            long count = file.read(caller(), UserBuffer.of(bytes));
            return new String(bytes, 0, (int) count, StandardCharsets.UTF_8);
        }

        void write(String path, String text) throws ErrnoException {
            FileDescription file = open(path, OpenFlags.O_WRONLY | OpenFlags.O_TRUNC);
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            assertEquals(bytes.length, file.write(caller(), UserBuffer.of(bytes)));
        }

        List<String> list(String path) throws ErrnoException {
            List<String> names = new ArrayList<>();
            open(path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY)
                    .listEntries(
                            caller(), (name, inode, next, type) -> names.add(RawName.of(name)));
            return names;
        }

        Errno refusal(String path, String text) {
            return assertThrows(ErrnoException.class, () -> write(path, text)).errno();
        }
    }

    private static final class LockAdapter implements ValueAdapter<KernelLock> {
        @Override
        public Object toValue(KernelLock lock) {
            return lock.lockClass();
        }

        @Override
        public KernelLock fromValue(@Nullable Object value) {
            if (value instanceof LockClass lockClass) {
                return new KernelLock(lockClass);
            }
            throw new IllegalArgumentException("no lock class");
        }
    }

    private static final class QueueAdapter implements ValueAdapter<WaitQueue> {
        @Override
        public Object toValue(WaitQueue queue) {
            return "";
        }

        @Override
        public WaitQueue fromValue(@Nullable Object value) {
            return new WaitQueue();
        }
    }

    private static StateSchema schema() {
        StateSchema.Builder types = StateSchema.builder();
        types.type("test.Root", 1, Root.class);
        types.type("sync.LockClass", 1, LockClass.class);
        types.adapter("sync.KernelLock", 1, KernelLock.class, new LockAdapter());
        types.adapter("sync.WaitQueue", 1, WaitQueue.class, new QueueAdapter());
        types.abstractType("vfs.FileDescription", FileDescription.class);
        AuthTypes.register(types);
        CgroupTypes.register(types);
        FutexTypes.register(types);
        MemoryTypes.register(types);
        PlatformTypes.register(types);
        ProcTypes.register(types);
        SignalTypes.register(types);
        SyntheticTypes.register(types);
        SysTypes.register(types);
        TaskTypes.register(types);
        TimeTypes.register(types);
        VfsTypes.register(types);
        return types.build();
    }

    private static final MachineInfo MACHINE = MachineInfo.of(3, "");

    private static Root proc() {
        Timekeeper clock = new Timekeeper();
        VirtualFileSystem vfs = new VirtualFileSystem(clock);
        TaskSet tasks = new TaskSet(clock, new TimerQueue(clock));
        ProcFileSystemType type = new ProcFileSystemType(tasks, MACHINE);
        vfs.register(type);
        return new Root(vfs, tasks, type.create(vfs, tasks.rootNamespace(), null));
    }

    private static Root sys() {
        Timekeeper clock = new Timekeeper();
        VirtualFileSystem vfs = new VirtualFileSystem(clock);
        return new Root(
                vfs, new TaskSet(clock, new TimerQueue(clock)), new SysFileSystem(vfs, MACHINE));
    }

    @Test
    void processorsAreListedOneByOne() throws ErrnoException {
        String text = proc().read("/cpuinfo");
        assertEquals(3, text.split("\n\n").length);
        assertTrue(text.startsWith("processor\t: 0\nvendor_id\t: GenuineIntel\n"));
        assertTrue(text.contains("\nprocessor\t: 2\n"));
        assertTrue(text.contains("\nsiblings\t: 3\ncore id\t\t: 2\ncpu cores\t: 3\n"));
        assertTrue(text.endsWith("power management:\n\n"));
    }

    @Test
    void theHostsProcessorIsTheModel() {
        String host =
                "processor\t: 7\nvendor_id\t: AuthenticAMD\nflags\t\t: fpu sse\n\nprocessor\t: 8\n";
        MachineInfo info = MachineInfo.of(2, host);
        assertEquals(
                "processor\t: 0\nvendor_id\t: AuthenticAMD\nflags\t\t: fpu sse\n\n"
                        + "processor\t: 1\nvendor_id\t: AuthenticAMD\nflags\t\t: fpu sse\n\n",
                info.cpuinfo());
    }

    @Test
    void masksAndListsOfProcessors() {
        MachineInfo two = MachineInfo.of(2, "");
        assertEquals("3", two.mask(two.all()));
        assertEquals("0-1", two.list(two.all()));
        MachineInfo many = MachineInfo.of(70, "");
        assertEquals("3f,ffffffff,ffffffff", many.mask(many.all()));
        assertEquals("00,00000001,00000004", many.mask(new long[] {1L << 32 | 4}));
        assertEquals("0-69", many.list(many.all()));
        assertEquals("0,2-3,69", many.list(new long[] {0b1101, 1L << 5}));
    }

    @Test
    void systemTexts() throws ErrnoException {
        Root root = proc();
        assertEquals("nodev\tproc\n", root.read("/filesystems"));
        assertTrue(root.read("/uptime").matches("\\d+\\.\\d\\d \\d+\\.\\d\\d\n"));
        assertTrue(root.read("/loadavg").matches("0\\.00 0\\.00 0\\.00 0/0 0\n"));
        assertTrue(
                root.read("/stat")
                        .matches(
                                "cpu  \\d+ 0 \\d+ \\d+ 0 0 0 0 0 0\n(cpu[012] \\d+ 0 \\d+ \\d+ 0 0 0 0 0 0\n){3}"
                                        + "intr 0\nctxt 0\nbtime \\d+\nprocesses 0\nprocs_running 1\nprocs_blocked 0\n"
                                        + "softirq( 0){11}\n"));
        assertEquals(
                "           CPU0       CPU1       CPU2       \nERR:          0\nMIS:          0\n",
                root.read("/interrupts"));
        assertTrue(root.read("/version").startsWith("Linux version 6."));
        assertEquals("Linux\n", root.read("/sys/kernel/ostype"));
    }

    @Test
    void nobodyIsSelf() {
        Root root = proc();
        for (String path :
                List.of(
                        "/self",
                        "/self/maps",
                        "/thread-self/comm",
                        "/1",
                        "/01",
                        "/-1",
                        "/999999999999")) {
            ErrnoException refused =
                    assertThrows(
                            ErrnoException.class,
                            () -> PathWalk.find(root.caller(), path, PathWalk.FOLLOW),
                            path);
            assertEquals(Errno.ENOENT, refused.errno());
        }
    }

    @Test
    void valuesAreKeptWithinBounds() throws ErrnoException {
        Root root = proc();
        assertEquals("60\n", root.read("/sys/vm/swappiness"));
        root.write("/sys/vm/swappiness", "0x10\n");
        assertEquals("16\n", root.read("/sys/vm/swappiness"));
        assertEquals(Errno.EINVAL, root.refusal("/sys/vm/swappiness", "201"));
        assertEquals(Errno.EINVAL, root.refusal("/sys/vm/swappiness", "many"));
        assertEquals("4\t4\t1\t7\n", root.read("/sys/kernel/printk"));
        root.write("/sys/kernel/printk", "1 2");
        assertEquals("1\t2\t1\t7\n", root.read("/sys/kernel/printk"));
    }

    @Test
    void bootIdsAreStableAndNamesAreNot() throws ErrnoException {
        Root root = proc();
        String id = root.read("/sys/kernel/random/boot_id");
        assertTrue(id.matches("[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\n"));
        assertEquals(id, root.read("/sys/kernel/random/boot_id"));
        assertNotEquals(root.read("/sys/kernel/random/uuid"), root.read("/sys/kernel/random/uuid"));
    }

    @Test
    void theRootListsFixedEntriesOnce() throws ErrnoException {
        List<String> names = proc().list("/");
        assertEquals(List.of(".", ".."), names.subList(0, 2));
        assertEquals(names.size(), names.stream().distinct().count());
        assertTrue(
                names.containsAll(
                        List.of("self", "thread-self", "mounts", "net", "sys", "meminfo")));
    }

    @Test
    void procGoesOnAfterARestore() throws ErrnoException, StateException {
        Root root = proc();
        root.write("/sys/net/core/somaxconn", "77");
        String oldId = root.read("/sys/kernel/random/boot_id");
        List<String> names = root.list("/");
        Root restored = ObjectGraph.copy(schema(), root, RestoreContext.empty());
        assertEquals("77\n", restored.read("/sys/net/core/somaxconn"));
        assertNotEquals(oldId, restored.read("/sys/kernel/random/boot_id"));
        assertEquals(names, restored.list("/"));
        assertEquals(root.read("/cpuinfo"), restored.read("/cpuinfo"));
    }

    @Test
    void everyTypeIsRegistered() {
        assertEquals(
                List.of(),
                schema().verifyReachable(ProcFileSystem.class).stream()
                        .filter(problem -> problem.contains("fs.proc"))
                        .toList());
    }

    @Test
    void processorsInSys() throws ErrnoException, StateException {
        Root root = sys();
        for (Root each : List.of(root, ObjectGraph.copy(schema(), root, RestoreContext.empty()))) {
            assertEquals("0-2\n", each.read("/devices/system/cpu/online"));
            assertEquals("\n", each.read("/devices/system/cpu/offline"));
            assertEquals("7\n", each.read("/devices/system/cpu/cpu1/topology/core_siblings"));
            assertEquals("2\n", each.read("/devices/system/cpu/cpu1/topology/thread_siblings"));
            assertEquals("1\n", each.read("/devices/system/cpu/cpu1/topology/core_id"));
            assertEquals("0-2\n", each.read("/devices/system/cpu/cpu2/node0/cpulist"));
            assertEquals(
                    "always [madvise] never\n",
                    each.read("/kernel/mm/transparent_hugepage/enabled"));
            assertEquals(List.of(".", ".."), each.list("/fs/cgroup"));
        }
    }
}
