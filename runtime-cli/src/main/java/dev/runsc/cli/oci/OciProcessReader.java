package dev.runsc.cli.oci;

import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.oci.OciProcess.CapabilitySets;
import dev.runsc.cli.oci.OciProcess.Rlimit;
import dev.runsc.cli.oci.OciProcess.User;
import dev.runsc.gofer.abi.RlimitNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the {@code process} object. */
final class OciProcessReader {
    /** NGROUPS_MAX of limits.h. */
    private static final int GROUPS_MAX = 65_536;

    private OciProcessReader() {}

    static OciProcess read(JsonReader in) throws JsonFault {
        boolean terminal = false;
        User user = new User(0, 0, -1, List.of());
        List<String> args = List.of();
        List<String> env = List.of();
        String cwd = "";
        CapabilitySets capabilities = null;
        Map<String, Rlimit> rlimits = Map.of();
        boolean noNewPrivileges = false;
        Integer oomScoreAdj = null;
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "terminal" -> terminal = in.bool();
                case "user" -> user = readUser(in);
                case "args" -> args = programStrings(in);
                case "env" -> env = programStrings(in);
                case "cwd" -> cwd = in.string();
                case "capabilities" -> capabilities = readCapabilities(in);
                case "rlimits" -> rlimits = readRlimits(in);
                case "noNewPrivileges" -> noNewPrivileges = in.bool();
                case "oomScoreAdj" -> oomScoreAdj = in.integer(-1000, 1000);
                default -> in.skip();
            }
        }
        if (args.isEmpty()) {
            throw in.fault("process.args must have at least one element");
        }
        if (cwd.isEmpty()) {
            cwd = "/";
        }
        if (!cwd.startsWith("/")) {
            throw in.fault("process.cwd must be an absolute path: \"" + cwd + "\"");
        }
        return new OciProcess(
                terminal,
                user,
                args,
                env,
                cwd,
                capabilities,
                rlimits,
                noNewPrivileges,
                oomScoreAdj);
    }

    /** Strings that a program receives end at a zero byte, so none may hold one. */
    private static List<String> programStrings(JsonReader in) throws JsonFault {
        List<String> list = in.strings();
        for (String text : list) {
            if (text.indexOf('\0') >= 0) {
                throw in.fault("string with a zero byte");
            }
        }
        return list;
    }

    private static User readUser(JsonReader in) throws JsonFault {
        int uid = 0;
        int gid = 0;
        int umask = -1;
        List<Integer> groups = new ArrayList<>();
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "uid" -> uid = id(in);
                case "gid" -> gid = id(in);
                case "umask" -> umask = in.integer(0, 0777);
                case "additionalGids" -> {
                    in.array();
                    while (in.nextElement()) {
                        if (groups.size() >= GROUPS_MAX) {
                            throw in.fault("too many groups");
                        }
                        groups.add(id(in));
                    }
                }
                default -> in.skip();
            }
        }
        return new User(uid, gid, umask, groups);
    }

    /** A user or group number: 32 bits without sign, all ones meaning "none" to Linux. */
    private static int id(JsonReader in) throws JsonFault {
        return (int) in.number(0, 0xffff_fffeL);
    }

    private static CapabilitySets readCapabilities(JsonReader in) throws JsonFault {
        long bounding = 0;
        long effective = 0;
        long inheritable = 0;
        long permitted = 0;
        long ambient = 0;
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "bounding" -> bounding = capabilitySet(in);
                case "effective" -> effective = capabilitySet(in);
                case "inheritable" -> inheritable = capabilitySet(in);
                case "permitted" -> permitted = capabilitySet(in);
                case "ambient" -> ambient = capabilitySet(in);
                default -> in.skip();
            }
        }
        return new CapabilitySets(bounding, effective, inheritable, permitted, ambient);
    }

    private static long capabilitySet(JsonReader in) throws JsonFault {
        long set = 0;
        in.array();
        while (in.nextElement()) {
            String name = in.string();
            int number = CapabilityNames.find(name);
            if (number < 0) {
                throw in.fault("unknown capability \"" + name + "\"");
            }
            set |= 1L << number;
        }
        return set;
    }

    private static Map<String, Rlimit> readRlimits(JsonReader in) throws JsonFault {
        Map<String, Rlimit> limits = new LinkedHashMap<>();
        in.array();
        while (in.nextElement()) {
            String type = "";
            long soft = 0;
            long hard = 0;
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                switch (name) {
                    case "type" -> type = in.string();
                    case "soft" -> soft = in.unsigned();
                    case "hard" -> hard = in.unsigned();
                    default -> in.skip();
                }
            }
            if (RlimitNames.find(type) < 0) {
                throw in.fault("unknown rlimit \"" + type + "\"");
            }
            if (Long.compareUnsigned(soft, hard) > 0) {
                throw in.fault(type + ": soft limit above the hard one");
            }
            if (limits.put(type, new Rlimit(soft, hard)) != null) {
                throw in.fault("duplicate rlimit " + type);
            }
        }
        return limits;
    }
}
