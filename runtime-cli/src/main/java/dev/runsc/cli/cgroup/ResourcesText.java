package dev.runsc.cli.cgroup;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.cgroup.Resources.BlockIo;
import dev.runsc.cli.cgroup.Resources.Cpu;
import dev.runsc.cli.cgroup.Resources.DeviceWeight;
import dev.runsc.cli.cgroup.Resources.HugePages;
import dev.runsc.cli.cgroup.Resources.Memory;
import dev.runsc.cli.cgroup.Resources.Network;
import dev.runsc.cli.cgroup.Resources.Rate;
import dev.runsc.cli.cgroup.Resources.Throttle;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@link Resources} as the JSON of config.json. */
public final class ResourcesText {
    /** More devices than a host has, few enough for a hostile document. */
    private static final int ELEMENTS_MAX = 4096;

    private ResourcesText() {}

    /** Reads the object; {@code document} names it in messages. */
    public static Resources parse(String document, byte[] bytes) throws Failure {
        try {
            JsonReader in = new JsonReader(document, bytes);
            Resources resources = read(in);
            in.end();
            return resources;
        } catch (JsonFault e) {
            throw new Failure("reading resources: " + e.getMessage(), e);
        }
    }

    /** Reads the text that a spec has kept; empty for none. */
    public static Resources parse(String json) throws Failure {
        return json.isEmpty()
                ? Resources.NONE
                : parse("linux.resources", json.getBytes(StandardCharsets.UTF_8));
    }

    static Resources read(JsonReader in) throws JsonFault {
        Memory memory = Memory.NONE;
        Cpu cpu = Cpu.NONE;
        Long pids = null;
        BlockIo blockIo = BlockIo.NONE;
        List<HugePages> pages = List.of();
        Network network = Network.NONE;
        Map<String, String> unified = Map.of();
        List<String> ignored = new ArrayList<>();
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "memory" -> memory = readMemory(in, ignored);
                case "cpu" -> cpu = readCpu(in);
                case "pids" -> pids = readPids(in);
                case "blockIO", "blockio" -> blockIo = readBlockIo(in);
                case "hugepageLimits" -> pages = readHugePages(in);
                case "network" -> network = readNetwork(in);
                case "unified" -> unified = in.stringMap();
                default -> {
                    ignored.add(name);
                    in.skip();
                }
            }
        }
        return new Resources(memory, cpu, pids, blockIo, pages, network, unified, ignored);
    }

    private static Memory readMemory(JsonReader in, List<String> ignored) throws JsonFault {
        Long limit = null;
        Long reservation = null;
        Long swap = null;
        Long tcp = null;
        Long swappiness = null;
        Boolean noKiller = null;
        Boolean check = null;
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "limit" -> limit = limit(in);
                case "reservation" -> reservation = limit(in);
                case "swap" -> swap = limit(in);
                case "kernelTCP" -> tcp = limit(in);
                case "swappiness" -> swappiness = in.number(0, 100);
                case "disableOOMKiller" -> noKiller = in.bool();
                case "checkBeforeUpdate" -> check = in.bool();
                default -> {
                    // Version 1 has given up bounds on kernel memory alone.
                    ignored.add("memory." + name);
                    in.skip();
                }
            }
        }
        return new Memory(limit, reservation, swap, tcp, swappiness, noKiller, check);
    }

    private static Cpu readCpu(JsonReader in) throws JsonFault {
        Long shares = null;
        Long quota = null;
        Long period = null;
        Long burst = null;
        Long runtime = null;
        Long realtimePeriod = null;
        Long idle = null;
        String cpus = "";
        String mems = "";
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "shares" -> shares = in.number(0, Long.MAX_VALUE);
                case "quota" -> quota = limit(in);
                case "period" -> period = in.number(0, Long.MAX_VALUE);
                case "burst" -> burst = in.number(0, Long.MAX_VALUE);
                case "realtimeRuntime" -> runtime = limit(in);
                case "realtimePeriod" -> realtimePeriod = in.number(0, Long.MAX_VALUE);
                case "idle" -> idle = in.number(0, 1);
                case "cpus" -> cpus = in.string();
                case "mems" -> mems = in.string();
                default -> in.skip();
            }
        }
        return new Cpu(shares, quota, period, burst, runtime, realtimePeriod, idle, cpus, mems);
    }

    private static @Nullable Long readPids(JsonReader in) throws JsonFault {
        Long limit = null;
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            if (name.equals("limit")) {
                limit = limit(in);
            } else {
                in.skip();
            }
        }
        return limit;
    }

    private static BlockIo readBlockIo(JsonReader in) throws JsonFault {
        Long weight = null;
        Long leafWeight = null;
        List<DeviceWeight> weights = new ArrayList<>();
        List<Throttle> throttles = new ArrayList<>();
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            Rate rate = rate(name);
            if (rate != null || name.equals("weightDevice")) {
                in.array();
                while (in.nextElement()) {
                    bounded(in, weights.size() + throttles.size());
                    readDevice(in, rate, weights, throttles);
                }
                continue;
            }
            switch (name) {
                case "weight" -> weight = in.number(0, 1000);
                case "leafWeight" -> leafWeight = in.number(0, 1000);
                default -> in.skip();
            }
        }
        return new BlockIo(weight, leafWeight, weights, throttles);
    }

    private static @Nullable Rate rate(String field) {
        for (Rate rate : Rate.values()) {
            if (rate.field.equals(field)) {
                return rate;
            }
        }
        return null;
    }

    private static void readDevice(
            JsonReader in,
            @Nullable Rate rate,
            List<DeviceWeight> weights,
            List<Throttle> throttles)
            throws JsonFault {
        long major = 0;
        long minor = 0;
        long perSecond = 0;
        Long weight = null;
        Long leafWeight = null;
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "major" -> major = in.number(0, Integer.MAX_VALUE);
                case "minor" -> minor = in.number(0, Integer.MAX_VALUE);
                case "rate" -> perSecond = in.number(0, Long.MAX_VALUE);
                case "weight" -> weight = in.number(0, 1000);
                case "leafWeight" -> leafWeight = in.number(0, 1000);
                default -> in.skip();
            }
        }
        if (rate == null) {
            weights.add(new DeviceWeight(major, minor, weight, leafWeight));
        } else {
            throttles.add(new Throttle(rate, major, minor, perSecond));
        }
    }

    private static List<HugePages> readHugePages(JsonReader in) throws JsonFault {
        List<HugePages> list = new ArrayList<>();
        in.array();
        while (in.nextElement()) {
            bounded(in, list.size());
            String size = "";
            long limit = 0;
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                switch (name) {
                    case "pageSize" -> size = in.string();
                    case "limit" -> limit = in.number(0, Long.MAX_VALUE);
                    default -> in.skip();
                }
            }
            if (!size.matches("[1-9][0-9]{0,9}(KB|MB|GB)")) {
                throw in.fault("wrong page size \"" + size + "\"");
            }
            list.add(new HugePages(size, limit));
        }
        return list;
    }

    private static Network readNetwork(JsonReader in) throws JsonFault {
        Long classId = null;
        Map<String, Long> priorities = new LinkedHashMap<>();
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "classID" -> classId = in.number(0, 0xffff_ffffL);
                case "priorities" -> {
                    in.array();
                    while (in.nextElement()) {
                        bounded(in, priorities.size());
                        readPriority(in, priorities);
                    }
                }
                default -> in.skip();
            }
        }
        return new Network(classId, priorities);
    }

    private static void readPriority(JsonReader in, Map<String, Long> priorities) throws JsonFault {
        String device = "";
        long priority = 0;
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "name" -> device = in.string();
                case "priority" -> priority = in.number(0, 0xffff_ffffL);
                default -> in.skip();
            }
        }
        priorities.put(device, priority);
    }

    /** -1 for no limit. */
    private static long limit(JsonReader in) throws JsonFault {
        return in.number(Resources.UNLIMITED, Long.MAX_VALUE);
    }

    private static void bounded(JsonReader in, int size) throws JsonFault {
        if (size >= ELEMENTS_MAX) {
            throw in.fault("too many elements");
        }
    }

    /**
     * As text that {@link #parse(String)} reads; what was ignored is left out. All parts are in.
     */
    public static String write(Resources resources) {
        JsonText json = new JsonText().beginObject();
        writeMemory(json, resources.memory());
        writeCpu(json, resources.cpu());
        if (resources.pidsLimit() != null) {
            json.name("pids").beginObject();
            number(json, "limit", resources.pidsLimit());
            json.endObject();
        }
        writeBlockIo(json, resources.blockIo());
        if (!resources.hugePages().isEmpty()) {
            json.name("hugepageLimits").beginArray();
            for (HugePages pages : resources.hugePages()) {
                json.beginObject().field("pageSize", pages.size());
                json.field("limit", pages.limit()).endObject();
            }
            json.endArray();
        }
        writeNetwork(json, resources.network());
        if (!resources.unified().isEmpty()) {
            json.field("unified", resources.unified());
        }
        return json.endObject().text();
    }

    private static void writeMemory(JsonText json, Memory memory) {
        json.name("memory").beginObject();
        number(json, "limit", memory.limit());
        number(json, "reservation", memory.reservation());
        number(json, "swap", memory.swap());
        number(json, "kernelTCP", memory.kernelTcp());
        number(json, "swappiness", memory.swappiness());
        if (memory.disableOomKiller() != null) {
            json.field("disableOOMKiller", memory.disableOomKiller().booleanValue());
        }
        json.endObject();
    }

    private static void writeCpu(JsonText json, Cpu cpu) {
        json.name("cpu").beginObject();
        number(json, "shares", cpu.shares());
        number(json, "quota", cpu.quota());
        number(json, "period", cpu.period());
        number(json, "burst", cpu.burst());
        number(json, "realtimeRuntime", cpu.realtimeRuntime());
        number(json, "realtimePeriod", cpu.realtimePeriod());
        number(json, "idle", cpu.idle());
        if (!cpu.cpus().isEmpty()) {
            json.field("cpus", cpu.cpus());
        }
        if (!cpu.mems().isEmpty()) {
            json.field("mems", cpu.mems());
        }
        json.endObject();
    }

    private static void writeBlockIo(JsonText json, BlockIo io) {
        json.name("blockIO").beginObject();
        number(json, "weight", io.weight());
        number(json, "leafWeight", io.leafWeight());
        json.name("weightDevice").beginArray();
        for (DeviceWeight device : io.weights()) {
            json.beginObject().field("major", device.major()).field("minor", device.minor());
            number(json, "weight", device.weight());
            number(json, "leafWeight", device.leafWeight());
            json.endObject();
        }
        json.endArray();
        for (Rate rate : Rate.values()) {
            json.name(rate.field).beginArray();
            for (Throttle throttle : io.throttles()) {
                if (throttle.rate() == rate) {
                    json.beginObject().field("major", throttle.major());
                    json.field("minor", throttle.minor());
                    json.field("rate", throttle.perSecond()).endObject();
                }
            }
            json.endArray();
        }
        json.endObject();
    }

    private static void writeNetwork(JsonText json, Network network) {
        json.name("network").beginObject();
        number(json, "classID", network.classId());
        json.name("priorities").beginArray();
        for (Map.Entry<String, Long> entry : network.priorities().entrySet()) {
            json.beginObject().field("name", entry.getKey());
            json.field("priority", entry.getValue()).endObject();
        }
        json.endArray().endObject();
    }

    private static void number(JsonText json, String name, @Nullable Long value) {
        if (value != null) {
            json.field(name, value.longValue());
        }
    }
}
