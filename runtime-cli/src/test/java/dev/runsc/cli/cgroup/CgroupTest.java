package dev.runsc.cli.cgroup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.cgroup.CgroupMounts.Place;
import dev.runsc.cli.cgroup.CgroupStats.Amount;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written to cgroups and read from them, on folders that stand for the host's. */
class CgroupTest {
    private static final String ALL =
            """
            {"memory": {"limit": 1000, "reservation": 500, "swap": 3000, "swappiness": 7},
             "cpu": {"shares": 512, "quota": 50000, "period": 100000, "burst": 100, "cpus": "0-1",
                     "mems": "0"},
             "pids": {"limit": 100},
             "blockIO": {"weight": 10, "weightDevice": [{"major": 8, "minor": 0, "weight": 1000}],
                         "throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 600}],
                         "throttleWriteIOPSDevice": [{"major": 8, "minor": 16, "rate": 300}]},
             "hugepageLimits": [{"pageSize": "2MB", "limit": 4096}],
             "devices": [{"allow": false}]}
            """;

    @TempDir Path root;

    private static Resources resources(String json) throws Failure {
        return ResourcesText.parse("resources", json.getBytes(UTF_8));
    }

    /** A folder that stands for a mounted hierarchy, with the files that its cgroups will have. */
    private Place place(String name) throws IOException {
        return new Place(Files.createDirectories(root.resolve(name)), "/own");
    }

    private Path file(String name, String content) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    private String text(String name) throws IOException {
        return Files.readString(root.resolve(name));
    }

    private CgroupMounts version1(String... controllers) throws IOException {
        Map<String, Place> places = new LinkedHashMap<>();
        for (String controller : controllers) {
            places.put(controller, place(controller));
        }
        return new CgroupMounts(1, places);
    }

    @Test
    void version1HasADirectoryPerHierarchy() throws Exception {
        CgroupMounts mounts =
                version1("memory", "cpu", "cpuset", "pids", "blkio", "hugetlb", "name=systemd");
        for (String name :
                List.of(
                        "memory/a/b/memory.limit_in_bytes",
                        "memory/a/b/memory.memsw.limit_in_bytes",
                        "memory/a/b/memory.soft_limit_in_bytes",
                        "memory/a/b/memory.swappiness",
                        "cpu/a/b/cpu.shares",
                        "cpu/a/b/cpu.cfs_quota_us",
                        "cpu/a/b/cpu.cfs_period_us",
                        "cpu/a/b/cpu.cfs_burst_us",
                        "pids/a/b/pids.max",
                        "blkio/a/b/blkio.bfq.weight",
                        "blkio/a/b/blkio.bfq.weight_device",
                        "blkio/a/b/blkio.throttle.read_bps_device",
                        "blkio/a/b/blkio.throttle.write_iops_device",
                        "hugetlb/a/b/hugetlb.2MB.limit_in_bytes",
                        "cpuset/a/cpuset.cpus",
                        "cpuset/a/cpuset.mems",
                        "cpuset/a/b/cpuset.cpus",
                        "cpuset/a/b/cpuset.mems")) {
            file(name, "");
        }
        file("cpuset/cpuset.cpus", "0-3\n");
        file("cpuset/cpuset.mems", "0\n");
        Cgroup cgroup = Cgroup.create(mounts, "/a/b", resources(ALL));
        assertEquals("1000", text("memory/a/b/memory.limit_in_bytes"));
        assertEquals("3000", text("memory/a/b/memory.memsw.limit_in_bytes"));
        assertEquals("500", text("memory/a/b/memory.soft_limit_in_bytes"));
        assertEquals("7", text("memory/a/b/memory.swappiness"));
        assertEquals("512", text("cpu/a/b/cpu.shares"));
        assertEquals("50000", text("cpu/a/b/cpu.cfs_quota_us"));
        assertEquals("100000", text("cpu/a/b/cpu.cfs_period_us"));
        assertEquals("100", text("cpu/a/b/cpu.cfs_burst_us"));
        assertEquals("100", text("pids/a/b/pids.max"));
        assertEquals("10", text("blkio/a/b/blkio.bfq.weight"));
        assertEquals("8:0 1000", text("blkio/a/b/blkio.bfq.weight_device"));
        assertEquals("8:0 600", text("blkio/a/b/blkio.throttle.read_bps_device"));
        assertEquals("8:16 300", text("blkio/a/b/blkio.throttle.write_iops_device"));
        assertEquals("4096", text("hugetlb/a/b/hugetlb.2MB.limit_in_bytes"));
        assertEquals("0-3", text("cpuset/a/cpuset.cpus"), "from the one above");
        assertEquals("0-1", text("cpuset/a/b/cpuset.cpus"));
        assertEquals(2, cgroup.processors());
        assertEquals(0.5, cgroup.processorQuota());
        assertEquals(1000, cgroup.memoryLimit());
        assertTrue(Files.isDirectory(root.resolve("name=systemd/a/b")));
    }

    @Test
    void version2HasOneDirectory() throws Exception {
        CgroupMounts mounts = new CgroupMounts(2, Map.of(CgroupMounts.UNIFIED, place("two")));
        file("two/cgroup.controllers", "cpu memory pids\n");
        file("two/cgroup.subtree_control", "cpu memory\n");
        for (String name :
                List.of(
                        "memory.max",
                        "memory.low",
                        "memory.swap.max",
                        "memory.high",
                        "cpu.weight",
                        "cpu.max",
                        "cpu.max.burst",
                        "cpuset.cpus",
                        "cpuset.mems",
                        "pids.max",
                        "io.weight",
                        "io.max",
                        "hugetlb.2MB.max")) {
            file("two/x/" + name, "");
        }
        String json =
                ALL.strip().replaceFirst("\\}$", ", \"unified\": {\"memory.high\": \"900\"}}");
        Cgroup cgroup = Cgroup.create(mounts, "x", resources(json));
        assertEquals("+pids", text("two/cgroup.subtree_control"), "what is missing is asked for");
        assertEquals("1000", text("two/x/memory.max"));
        assertEquals("2000", text("two/x/memory.swap.max"), "swap without memory");
        assertEquals("500", text("two/x/memory.low"));
        assertEquals("900", text("two/x/memory.high"));
        assertEquals("20", text("two/x/cpu.weight"), "beside our own cgroup");
        assertEquals("50000 100000", text("two/x/cpu.max"));
        assertEquals("100", text("two/x/cpu.max.burst"));
        assertEquals("0-1", text("two/x/cpuset.cpus"));
        assertEquals("100", text("two/x/pids.max"));
        assertEquals("8:0 10000", text("two/x/io.weight"), "the last one written");
        assertEquals("8:16 wiops=300", text("two/x/io.max"));
        assertEquals("4096", text("two/x/hugetlb.2MB.max"));
        cgroup.apply(resources("{\"memory\": {\"limit\": -1}, \"pids\": {\"limit\": -1}}"));
        assertEquals("max", text("two/x/memory.max"));
        assertEquals("max", text("two/x/memory.swap.max"));
        assertEquals("max", text("two/x/pids.max"));
        assertEquals(Long.MAX_VALUE, cgroup.memoryLimit());
        for (String name :
                List.of("../memory.max", "cgroup", "a/b.c", "", "cgroup.freeze", "rdma.max")) {
            String bad = "{\"unified\": {\"" + name + "\": \"1\"}}";
            assertThrows(Failure.class, () -> cgroup.apply(resources(bad)), name);
        }
        String less = "{\"memory\": {\"limit\": 1000, \"swap\": 500}}";
        assertThrows(Failure.class, () -> cgroup.apply(resources(less)));
    }

    /** As the host is found to show them: see restore-tests/host-cgroup-v2. */
    @Test
    void weightsOfVersion2AreInProportion() throws Exception {
        CgroupMounts mounts = new CgroupMounts(2, Map.of(CgroupMounts.UNIFIED, place("two")));
        file("two/x/cpu.weight", "");
        file("two/x/io.weight", "");
        Cgroup cgroup = Cgroup.create(mounts, "/x", Resources.NONE);
        Map<Long, Long> weights =
                Map.of(1L, 1L, 2L, 1L, 512L, 20L, 1024L, 39L, 2048L, 79L, 262_144L, 10_000L);
        for (Map.Entry<Long, Long> each : weights.entrySet()) {
            cgroup.apply(resources("{\"cpu\": {\"shares\": " + each.getKey() + "}}"));
            assertEquals(String.valueOf(each.getValue()), text("two/x/cpu.weight"));
        }
        Map<Long, Long> disk = Map.of(10L, 1L, 300L, 2930L, 500L, 4950L, 1000L, 10_000L);
        for (Map.Entry<Long, Long> each : disk.entrySet()) {
            cgroup.apply(resources("{\"blockIO\": {\"weight\": " + each.getKey() + "}}"));
            assertEquals("default " + each.getValue(), text("two/x/io.weight"));
        }
        file("two/x/io.bfq.weight", "");
        cgroup.apply(resources("{\"blockIO\": {\"weight\": 300}}"));
        assertEquals("300", text("two/x/io.bfq.weight"), "as it is");
    }

    @Test
    void memoryOfVersion2IsChangedBesideWhatIsInForce() throws Exception {
        CgroupMounts mounts = new CgroupMounts(2, Map.of(CgroupMounts.UNIFIED, place("two")));
        file("two/x/memory.max", "max\n");
        file("two/x/memory.swap.max", "max\n");
        file("two/x/memory.current", "500\n");
        Cgroup cgroup = Cgroup.create(mounts, "/x", Resources.NONE);
        Resources swap = resources("{\"memory\": {\"swap\": 3000}}");
        assertThrows(Failure.class, () -> cgroup.apply(swap), "of what");
        cgroup.apply(resources("{\"memory\": {\"limit\": 1000}}"));
        cgroup.apply(swap);
        assertEquals("2000", text("two/x/memory.swap.max"), "the limit in force counts");
        for (String less :
                List.of(
                        "{\"memory\": {\"limit\": 500, \"checkBeforeUpdate\": true}}",
                        "{\"memory\": {\"swap\": 400, \"limit\": -1, \"checkBeforeUpdate\": true}}")) {
            assertThrows(Failure.class, () -> cgroup.apply(resources(less)), less);
        }
        assertEquals("1000", text("two/x/memory.max"));
        cgroup.apply(resources("{\"memory\": {\"limit\": 501, \"checkBeforeUpdate\": true}}"));
        cgroup.apply(resources("{\"memory\": {\"limit\": 400, \"checkBeforeUpdate\": false}}"));
        assertEquals("400", text("two/x/memory.max"));
    }

    /** A cgroup with processes cannot pass all on, and what it can would make it a threaded one. */
    @Test
    void version2LeavesCgroupsWithProcessesAsTheyAre() throws Exception {
        CgroupMounts mounts = new CgroupMounts(2, Map.of(CgroupMounts.UNIFIED, place("two")));
        for (String name : List.of("busy", "free")) {
            file("two/" + name + "/cgroup.controllers", "cpu memory pids\n");
            file("two/" + name + "/cgroup.subtree_control", "");
            file("two/" + name + "/cgroup.type", "domain\n");
            file("two/" + name + "/cgroup.procs", name.equals("busy") ? "42\n" : "");
            Cgroup.create(mounts, "/" + name + "/one", Resources.NONE);
        }
        assertEquals("", text("two/busy/cgroup.subtree_control"));
        assertEquals("+pids", text("two/free/cgroup.subtree_control"));
        Failure failure =
                assertThrows(
                        Failure.class,
                        () ->
                                Cgroup.create(
                                        mounts,
                                        "/busy/two",
                                        resources("{\"pids\": {\"limit\": 1}}")));
        assertTrue(failure.getMessage().contains("no pids controller"), failure.getMessage());
        assertFalse(Cgroup.isUnwritable(failure));
        assertFalse(Files.exists(root.resolve("two/busy/two")));
    }

    @Test
    void whatWasMadeGoes() throws Exception {
        CgroupMounts mounts = version1("memory", "freezer");
        Files.createDirectory(root.resolve("memory/a"));
        Cgroup cgroup = Cgroup.create(mounts, "/a/b", Resources.NONE);
        assertTrue(Files.isDirectory(root.resolve("memory/a/b")));
        JsonText json = new JsonText();
        cgroup.state(Resources.NONE).write(json);
        Cgroup later = Cgroup.open(read(json.text()));
        later.delete();
        assertTrue(Files.isDirectory(root.resolve("memory/a")), "was there before");
        assertFalse(Files.exists(root.resolve("memory/a/b")));
        assertFalse(Files.exists(root.resolve("freezer/a")));
        later.delete();
    }

    @Test
    void aFailureLeavesNothing() throws Exception {
        CgroupMounts mounts = version1("memory", "freezer");
        Failure failure =
                assertThrows(
                        Failure.class,
                        () -> Cgroup.create(mounts, "/a/b", resources("{\"pids\":{\"limit\":1}}")));
        assertTrue(failure.getMessage().contains("pids"), failure.getMessage());
        assertThrows(
                Failure.class,
                () -> Cgroup.create(mounts, "/a/b", resources("{\"memory\":{\"limit\":4096}}")));
        assertFalse(Files.exists(root.resolve("memory/a")));
        assertFalse(Files.exists(root.resolve("freezer/a")));
    }

    @Test
    void frozenAndThreadedOnesAreRefused() throws Exception {
        CgroupMounts two = new CgroupMounts(2, Map.of(CgroupMounts.UNIFIED, place("two")));
        file("two/a/cgroup.events", "populated 0\nfrozen 1\n");
        file("two/b/cgroup.type", "domain invalid\n");
        for (String path : List.of("/a", "/b")) {
            assertThrows(Failure.class, () -> Cgroup.create(two, path, Resources.NONE), path);
        }
        CgroupMounts one = version1("memory", "freezer");
        file("freezer/a/freezer.state", "FROZEN\n");
        assertThrows(Failure.class, () -> Cgroup.create(one, "/a", Resources.NONE));
    }

    @Test
    void pathsStayBelowTheRoot() throws Exception {
        CgroupMounts mounts = version1("memory");
        Cgroup.create(mounts, "/../../a/../b", Resources.NONE);
        assertTrue(Files.isDirectory(root.resolve("memory/b")));
        for (String path : List.of("/", "/..", "/a/..", "..", "/b\0c")) {
            assertThrows(Failure.class, () -> Cgroup.create(mounts, path, Resources.NONE), path);
        }
    }

    private static CgroupState read(String json) throws JsonFault {
        return CgroupState.read(new JsonReader("state", json.getBytes(UTF_8)));
    }

    @Test
    void processesJoinEveryHierarchy() throws Exception {
        Cgroup cgroup = Cgroup.create(version1("memory", "cpu"), "/a", Resources.NONE);
        file("memory/a/cgroup.procs", "");
        file("cpu/a/cgroup.procs", "");
        cgroup.join(42);
        assertEquals("42", text("memory/a/cgroup.procs"));
        assertEquals("42", text("cpu/a/cgroup.procs"));
    }

    @Test
    void statisticsOfVersion1() throws Exception {
        Cgroup cgroup = Cgroup.create(version1("memory", "cpuacct", "pids"), "/a", Resources.NONE);
        file("cpuacct/a/cpuacct.usage", "3000\n");
        file("cpuacct/a/cpuacct.usage_user", "1000\n");
        file("cpuacct/a/cpuacct.usage_sys", "2000\n");
        file("cpuacct/a/cpuacct.usage_percpu", "1 2999 \n");
        file("memory/a/memory.stat", "cache 5\ntotal_cache 6\n");
        file("memory/a/memory.usage_in_bytes", "10\n");
        file("memory/a/memory.max_usage_in_bytes", "20\n");
        file("memory/a/memory.limit_in_bytes", "9223372036854771712\n");
        file("memory/a/memory.failcnt", "3\n");
        file("pids/a/pids.current", "7\n");
        file("pids/a/pids.max", "max\n");
        CgroupStats stats = cgroup.stats();
        assertEquals(3000, stats.cpuNanos());
        assertEquals(1000, stats.userNanos());
        assertEquals(2000, stats.kernelNanos());
        assertEquals(List.of(1L, 2999L), stats.perProcessorNanos());
        assertEquals(6, stats.cacheBytes());
        assertEquals(new Amount(Long.MAX_VALUE, 10, 20, 3), stats.memory());
        assertEquals(Map.of("cache", 5L, "total_cache", 6L), stats.raw());
        assertEquals(7, stats.pids());
        assertEquals(0, stats.pidsLimit());
    }

    @Test
    void statisticsOfVersion2() throws Exception {
        CgroupMounts mounts = new CgroupMounts(2, Map.of(CgroupMounts.UNIFIED, place("two")));
        Cgroup cgroup = Cgroup.create(mounts, "/a", Resources.NONE);
        file("two/a/cpu.stat", "usage_usec 3\nuser_usec 1\nsystem_usec 2\n");
        file("two/a/memory.stat", "anon 4\nfile 5\nkernel 6\nsock 7\n");
        file("two/a/memory.current", "10\n");
        file("two/a/memory.peak", "20\n");
        file("two/a/memory.max", "max\n");
        file("two/a/memory.events", "low 0\nmax 3\n");
        file("two/a/memory.swap.current", "30\n");
        file("two/a/memory.swap.max", "1000\n");
        file("two/a/pids.current", "7\n");
        file("two/a/pids.max", "100\n");
        file("two/a/cpu.max", "250000 100000\n");
        CgroupStats stats = cgroup.stats();
        assertEquals(3000, stats.cpuNanos());
        assertEquals(5, stats.cacheBytes());
        assertEquals(new Amount(Long.MAX_VALUE, 10, 20, 3), stats.memory());
        assertEquals(new Amount(Long.MAX_VALUE, 40, 0, 0), stats.swap(), "with memory");
        file("two/a/memory.max", "500\n");
        assertEquals(1500, cgroup.stats().swap().limit());
        assertEquals(6, stats.kernel().usage());
        assertEquals(7, stats.kernelTcp().usage());
        assertEquals(100, stats.pidsLimit());
        assertEquals(2.5, cgroup.processorQuota());
    }

    @Test
    void mountsOfAHost() throws Failure {
        List<String> own =
                List.of("9:name=systemd:/s", "4:cpu,cpuacct:/c/d", "3:memory:/", "0::/u");
        CgroupMounts hybrid =
                CgroupMounts.parse(
                        List.of(
                                "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755",
                                "32 31 0:29 /c /sys/fs/cgroup/cpu\\040cpu rw shared:1 - cgroup c rw,cpu,cpuacct",
                                "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
                                "40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup c rw,xattr,name=systemd",
                                "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw"),
                        own);
        assertEquals(1, hybrid.version());
        assertEquals(
                Map.of(
                        "cpu", new Place(Path.of("/sys/fs/cgroup/cpu cpu"), "/d"),
                        "cpuacct", new Place(Path.of("/sys/fs/cgroup/cpu cpu"), "/d"),
                        "memory", new Place(Path.of("/sys/fs/cgroup/memory"), "/"),
                        "name=systemd", new Place(Path.of("/sys/fs/cgroup/systemd"), "/s")),
                hybrid.places());
        CgroupMounts second =
                CgroupMounts.parse(
                        List.of("41 31 0:38 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw"), own);
        assertEquals(
                new CgroupMounts(2, Map.of("unified", new Place(Path.of("/sys/fs/cgroup"), "/u"))),
                second);
        CgroupMounts over =
                CgroupMounts.parse(
                        List.of(
                                "23 1 0:27 / / rw - ext4 /dev/vda rw",
                                "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755",
                                "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
                                "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
                                "89 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw"),
                        own);
        assertEquals(second, over, "hidden mounts do not count");
        assertThrows(Failure.class, () -> CgroupMounts.parse(List.of(), own));
    }

    @Test
    void resourcesSurviveAsText() throws Failure {
        Resources all = resources(ALL);
        assertEquals(List.of("devices"), all.ignored());
        Resources back = resources(ResourcesText.write(all));
        assertEquals(ResourcesText.write(all), ResourcesText.write(back));
        assertEquals(all.memory(), back.memory());
        assertEquals(all.blockIo(), back.blockIo());
        Resources merged = all.with(resources("{\"memory\": {\"limit\": 7}, \"pids\": {}}"));
        assertEquals(7, merged.memory().limit());
        assertEquals(3000, merged.memory().swap());
        assertEquals(100, merged.pidsLimit());
    }

    @Test
    void nonsenseIsRefused() {
        for (String bad :
                List.of(
                        "{\"memory\": {\"limit\": -2}}",
                        "{\"memory\": {\"swappiness\": 101}}",
                        "{\"cpu\": {\"shares\": -1}}",
                        "{\"hugepageLimits\": [{\"pageSize\": \"../x\"}]}",
                        "{\"pids\": 1}",
                        "[]")) {
            assertThrows(Failure.class, () -> resources(bad), bad);
        }
    }
}
