package dev.runsc.cli.oci;

import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.oci.OciSpec.Device;
import dev.runsc.cli.oci.OciSpec.IdMapping;
import dev.runsc.cli.oci.OciSpec.Linux;
import dev.runsc.cli.oci.OciSpec.Namespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads the {@code linux} object. */
final class OciLinuxReader {
    /** What a document without the object means. */
    static final Linux NONE =
            new Linux(
                    List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), Map.of(), "",
                    "", "", "");

    private static final int DEVICES_MAX = 65_536;

    /** Linux takes at most 340 lines in uid_map (user_namespaces(7)). */
    private static final int MAPPINGS_MAX = 340;

    private OciLinuxReader() {}

    static Linux read(JsonReader in) throws JsonFault {
        List<String> masked = List.of();
        List<String> readonly = List.of();
        List<Namespace> namespaces = List.of();
        List<IdMapping> uids = List.of();
        List<IdMapping> gids = List.of();
        List<Device> devices = List.of();
        Map<String, String> sysctl = Map.of();
        String cgroupsPath = "";
        String propagation = "";
        String seccomp = "";
        String resources = "";
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "maskedPaths" -> masked = absolutePaths(in);
                case "readonlyPaths" -> readonly = absolutePaths(in);
                case "namespaces" -> namespaces = readNamespaces(in);
                case "uidMappings" -> uids = readMappings(in);
                case "gidMappings" -> gids = readMappings(in);
                case "devices" -> devices = readDevices(in);
                case "sysctl" -> sysctl = in.stringMap();
                case "cgroupsPath" -> cgroupsPath = in.string();
                case "rootfsPropagation" -> propagation = in.string();
                case "seccomp" -> seccomp = in.canonical();
                case "resources" -> resources = in.canonical();
                default -> in.skip();
            }
        }
        return new Linux(
                masked,
                readonly,
                namespaces,
                uids,
                gids,
                devices,
                sysctl,
                cgroupsPath,
                propagation,
                seccomp,
                resources);
    }

    private static List<String> absolutePaths(JsonReader in) throws JsonFault {
        List<String> paths = in.strings();
        for (String path : paths) {
            if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
                throw in.fault("not an absolute path: \"" + path + "\"");
            }
        }
        return paths;
    }

    private static List<Namespace> readNamespaces(JsonReader in) throws JsonFault {
        List<Namespace> list = new ArrayList<>();
        in.array();
        while (in.nextElement()) {
            String type = "";
            String path = "";
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                switch (name) {
                    case "type" -> type = in.string();
                    case "path" -> path = in.string();
                    default -> in.skip();
                }
            }
            switch (type) {
                case "pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time" -> {}
                default -> throw in.fault("unknown namespace type \"" + type + "\"");
            }
            for (Namespace earlier : list) {
                if (earlier.type().equals(type)) {
                    throw in.fault("duplicate namespace " + type);
                }
            }
            list.add(new Namespace(type, path));
        }
        return list;
    }

    static List<IdMapping> readMappings(JsonReader in) throws JsonFault {
        List<IdMapping> list = new ArrayList<>();
        in.array();
        while (in.nextElement()) {
            if (list.size() >= MAPPINGS_MAX) {
                throw in.fault("too many id mappings");
            }
            long containerId = 0;
            long hostId = 0;
            long size = 0;
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                switch (name) {
                    case "containerID" -> containerId = in.number(0, 0xffff_fffeL);
                    case "hostID" -> hostId = in.number(0, 0xffff_fffeL);
                    case "size" -> size = in.number(0, 0xffff_ffffL);
                    default -> in.skip();
                }
            }
            list.add(new IdMapping((int) containerId, (int) hostId, (int) size));
        }
        return list;
    }

    private static List<Device> readDevices(JsonReader in) throws JsonFault {
        List<Device> list = new ArrayList<>();
        in.array();
        while (in.nextElement()) {
            if (list.size() >= DEVICES_MAX) {
                throw in.fault("too many devices");
            }
            list.add(readDevice(in));
        }
        return list;
    }

    private static Device readDevice(JsonReader in) throws JsonFault {
        String path = "";
        String type = "";
        int major = 0;
        int minor = 0;
        int mode = 0666;
        int uid = 0;
        int gid = 0;
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "path" -> path = in.string();
                case "type" -> type = in.string();
                case "major" -> major = in.integer(-1, Integer.MAX_VALUE);
                case "minor" -> minor = in.integer(-1, Integer.MAX_VALUE);
                case "fileMode" -> mode = in.integer(0, 0xffff) & 07777;
                case "uid" -> uid = (int) in.number(0, 0xffff_fffeL);
                case "gid" -> gid = (int) in.number(0, 0xffff_fffeL);
                default -> in.skip();
            }
        }
        boolean plain =
                path.startsWith("/")
                        && !path.endsWith("/")
                        && path.indexOf('\0') < 0
                        && !List.of(path.split("/")).contains("..");
        if (!plain) {
            throw in.fault("device with the path \"" + path + "\"");
        }
        switch (type) {
            case "c", "b", "u", "p" -> {}
            default -> throw in.fault("device " + path + " of the unknown type \"" + type + "\"");
        }
        return new Device(path, type, major, minor, mode, uid, gid);
    }
}
