package dev.runsc.cli.wire;

import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.kernel.LinuxSettings;
import dev.runsc.kernel.LinuxSettings.DeviceNode;
import dev.runsc.kernel.LinuxSettings.IdRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a container's spec says of Linux itself, as JSON: rows of numbers where names say nothing.
 */
final class SettingsCodec {
    private static final int RANGE_NUMBERS = 3;
    private static final int DEVICE_NUMBERS = 6;

    private SettingsCodec() {}

    static void write(JsonText json, LinuxSettings settings) {
        json.beginObject();
        LinuxSettings.Filter filter = settings.filter();
        if (filter != null) {
            json.field("filterLogs", filter.logs());
            json.name("filter");
            row(json, filter.instructions());
        }
        json.name("sysctls").beginObject();
        for (Map.Entry<String, String> value : settings.sysctls().entrySet()) {
            json.field(value.getKey(), value.getValue());
        }
        json.endObject();
        json.name("devices").beginObject();
        for (DeviceNode device : settings.devices()) {
            json.name(device.path());
            row(
                    json,
                    device.type(),
                    device.major(),
                    device.minor(),
                    device.permissions(),
                    device.uid(),
                    device.gid());
        }
        json.endObject();
        ranges(json, "uids", settings.uids());
        ranges(json, "gids", settings.gids());
        json.endObject();
    }

    private static void ranges(JsonText json, String name, List<IdRange> ranges) {
        json.name(name).beginArray();
        for (IdRange range : ranges) {
            row(json, range.containerId(), range.hostId(), range.count());
        }
        json.endArray();
    }

    private static void row(JsonText json, long... numbers) {
        json.beginArray();
        for (long number : numbers) {
            json.value(number);
        }
        json.endArray();
    }

    static LinuxSettings read(JsonReader in) throws JsonFault {
        long[] filter = new long[0];
        boolean logs = false;
        Map<String, String> sysctls = Map.of();
        List<DeviceNode> devices = List.of();
        List<IdRange> uids = List.of();
        List<IdRange> gids = List.of();
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "filter" -> filter = SpecCodec.numbers(in);
                case "filterLogs" -> logs = in.bool();
                case "sysctls" -> sysctls = in.stringMap();
                case "devices" -> devices = readDevices(in);
                case "uids" -> uids = readRanges(in);
                case "gids" -> gids = readRanges(in);
                default -> in.skip();
            }
        }
        LinuxSettings.Filter found =
                filter.length == 0 ? null : new LinuxSettings.Filter(filter, logs);
        return new LinuxSettings(found, sysctls, devices, uids, gids);
    }

    private static List<DeviceNode> readDevices(JsonReader in) throws JsonFault {
        List<DeviceNode> devices = new ArrayList<>();
        in.object();
        for (String path = in.nextName(); path != null; path = in.nextName()) {
            long[] row = row(in, DEVICE_NUMBERS);
            devices.add(
                    new DeviceNode(
                            path,
                            (int) row[0],
                            (int) row[1],
                            (int) row[2],
                            (int) row[3],
                            (int) row[4],
                            (int) row[5]));
        }
        return devices;
    }

    private static List<IdRange> readRanges(JsonReader in) throws JsonFault {
        List<IdRange> ranges = new ArrayList<>();
        in.array();
        while (in.nextElement()) {
            long[] row = row(in, RANGE_NUMBERS);
            ranges.add(new IdRange(row[0], row[1], row[2]));
        }
        return ranges;
    }

    private static long[] row(JsonReader in, int length) throws JsonFault {
        long[] row = SpecCodec.numbers(in);
        if (row.length != length) {
            throw in.fault("a row of " + row.length + " numbers in place of " + length);
        }
        return row;
    }
}
