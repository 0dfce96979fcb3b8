package dev.runsc.cli.lifecycle;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.cgroup.Cgroup;
import dev.runsc.cli.cgroup.CgroupStats;
import dev.runsc.cli.cgroup.CgroupStats.Amount;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ProcessTimes;
import dev.runsc.cli.container.StateDirectory;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a container uses, in the form of runc's events: from its cgroup, or without one from the
 * host's account of the sandbox's processes and the kernel's own of its memory.
 */
public final class Statistics {
    private Statistics() {}

    /** What the sandbox says. */
    private record Inside(long pids, Map<String, Long> cpuNanos) {}

    /** One event on one line. What a sandbox uses is in the cgroup of its first container. */
    public static String of(StateDirectory directory, ContainerState state) throws Failure {
        Inside inside = ask(state);
        ContainerState first =
                state.isSubcontainer() ? directory.read(state.sandbox().id()) : state;
        CgroupStats stats =
                first.cgroup().isNone()
                        ? withoutCgroup(state)
                        : Cgroup.open(first.cgroup()).stats();
        double share = share(state.id(), inside.cpuNanos());
        JsonText json = new JsonText().beginObject();
        json.field("type", "stats").field("id", state.id());
        json.name("data").beginObject();
        json.name("cpu").beginObject().name("usage").beginObject();
        unlessZero(json, "kernel", (long) (stats.kernelNanos() * share));
        unlessZero(json, "user", (long) (stats.userNanos() * share));
        unlessZero(json, "total", (long) (stats.cpuNanos() * share));
        if (!stats.perProcessorNanos().isEmpty()) {
            json.name("percpu").beginArray();
            stats.perProcessorNanos().forEach(nanos -> json.value((long) (nanos * share)));
            json.endArray();
        }
        json.endObject().endObject();
        json.name("memory").beginObject();
        unlessZero(json, "cache", stats.cacheBytes());
        // A hierarchy without a controller for memory counts none.
        boolean counted = !stats.memory().equals(Amount.NONE);
        amount(json, "usage", counted ? stats.memory() : memoryOfSandbox(state));
        amount(json, "swap", stats.swap());
        amount(json, "kernel", stats.kernel());
        amount(json, "kernelTCP", stats.kernelTcp());
        if (!stats.raw().isEmpty()) {
            json.name("raw").beginObject();
            stats.raw().forEach((name, value) -> json.field(name, value.longValue()));
            json.endObject();
        }
        json.endObject();
        json.name("pids").beginObject();
        unlessZero(json, "current", inside.pids());
        unlessZero(json, "limit", stats.pidsLimit());
        json.endObject();
        // There is no network besides the loopback device, whose counters nobody asks for.
        json.name("network_interfaces").beginArray().endArray();
        return json.endObject().endObject().text();
    }

    /** The part of a sandbox's processor time that is one container's. */
    private static double share(String id, Map<String, Long> cpuNanos) {
        long all = 0;
        for (long nanos : cpuNanos.values()) {
            all += nanos;
        }
        if (cpuNanos.size() < 2) {
            return 1;
        }
        long own = cpuNanos.getOrDefault(id, 0L);
        return all == 0 ? 1.0 / cpuNanos.size() : (double) own / all;
    }

    private static void unlessZero(JsonText json, String name, long value) {
        if (value != 0) {
            json.field(name, value);
        }
    }

    private static void amount(JsonText json, String name, Amount amount) {
        json.name(name).beginObject();
        json.field("limit", amount.limit());
        unlessZero(json, "usage", amount.usage());
        unlessZero(json, "max", amount.max());
        json.field("failcnt", amount.failures());
        json.endObject();
    }

    private static Inside ask(ContainerState state) throws Failure {
        String answer =
                Containers.call(state, Methods.EVENT, Containers.idArguments(state)).result();
        try {
            JsonReader in = reader(answer);
            long pids = 0;
            Map<String, Long> cpu = new LinkedHashMap<>();
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                switch (name) {
                    case "pids" -> pids = numbers(in).getOrDefault("current", 0L);
                    case "containerUsage" -> cpu.putAll(numbers(in));
                    default -> in.skip();
                }
            }
            return new Inside(pids, cpu);
        } catch (JsonFault e) {
            throw new Failure("sandbox sent " + e.getMessage(), e);
        }
    }

    private static CgroupStats withoutCgroup(ContainerState state) throws Failure {
        ProcessTimes times = ProcessTimes.ofTree(state.sandbox().process().pid());
        return new CgroupStats(
                times.userNanos() + times.kernelNanos(),
                times.userNanos(),
                times.kernelNanos(),
                List.of(),
                0,
                memoryOfSandbox(state),
                Amount.NONE,
                Amount.NONE,
                Amount.NONE,
                Map.of(),
                0,
                0);
    }

    private static Amount memoryOfSandbox(ContainerState state) throws Failure {
        String answer = Containers.call(state, Methods.USAGE, "{}").result();
        try {
            long bytes = numbers(reader(answer)).getOrDefault("Total", 0L);
            return new Amount(Long.MAX_VALUE, bytes, 0, 0);
        } catch (JsonFault e) {
            throw new Failure("sandbox sent " + e.getMessage(), e);
        }
    }

    private static JsonReader reader(String answer) {
        return new JsonReader("answer", answer.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static Map<String, Long> numbers(JsonReader in) throws JsonFault {
        Map<String, Long> numbers = new LinkedHashMap<>();
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            numbers.put(name, in.number(0, Long.MAX_VALUE));
        }
        return numbers;
    }
}
