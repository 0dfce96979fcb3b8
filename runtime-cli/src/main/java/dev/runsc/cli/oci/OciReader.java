package dev.runsc.cli.oci;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.oci.OciSpec.Hook;
import dev.runsc.cli.oci.OciSpec.IdMapping;
import dev.runsc.cli.oci.OciSpec.Linux;
import dev.runsc.cli.oci.OciSpec.Mount;
import dev.runsc.cli.oci.OciSpec.Root;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a config.json and refuses what cannot be run, in one line. */
public final class OciReader {
    /** The name of the document within a bundle. */
    public static final String CONFIG_NAME = "config.json";

    /** Kubernetes writes some 100 KB; this bounds what a hostile bundle makes us hold. */
    private static final int CONFIG_BYTES_MAX = 16 << 20;

    private static final int MOUNTS_MAX = 4096;

    private OciReader() {}

    /** Reads the spec of a bundle. */
    public static OciSpec readBundle(Path bundle) throws Failure {
        Path file = bundle.resolve(CONFIG_NAME);
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(CONFIG_BYTES_MAX + 1);
        } catch (NoSuchFileException e) {
            throw new Failure("reading spec: " + file + ": no such file or directory", e);
        } catch (IOException e) {
            throw new Failure("reading spec: " + Failure.reason(e), e);
        }
        if (bytes.length > CONFIG_BYTES_MAX) {
            throw new Failure("reading spec: " + file + " is larger than 16 MiB");
        }
        return read(file.toString(), bytes);
    }

    /** Reads and checks a spec; {@code document} names it in messages. */
    public static OciSpec read(String document, byte[] bytes) throws Failure {
        try {
            JsonReader in = new JsonReader(document, bytes);
            OciSpec spec = readSpec(in, new String(bytes, StandardCharsets.UTF_8));
            in.end();
            return spec;
        } catch (JsonFault e) {
            throw new Failure("reading spec: " + e.getMessage(), e);
        }
    }

    /** Reads the document of {@code exec --process}. */
    public static OciProcess readProcess(String document, byte[] bytes) throws Failure {
        try {
            JsonReader in = new JsonReader(document, bytes);
            OciProcess process = OciProcessReader.read(in);
            in.end();
            return process;
        } catch (JsonFault e) {
            throw new Failure("reading process: " + e.getMessage(), e);
        }
    }

    private static OciSpec readSpec(JsonReader in, String json) throws JsonFault {
        String version = "";
        Root root = null;
        OciProcess process = null;
        String hostname = "";
        String domainname = "";
        List<Mount> mounts = List.of();
        Map<String, List<Hook>> hooks = Map.of();
        Map<String, String> annotations = Map.of();
        Linux linux = OciLinuxReader.NONE;
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "ociVersion" -> version = in.string();
                case "root" -> root = readRoot(in);
                case "process" -> process = OciProcessReader.read(in);
                case "hostname" -> hostname = in.string();
                case "domainname" -> domainname = in.string();
                case "mounts" -> mounts = readMounts(in);
                case "hooks" -> hooks = readHooks(in);
                case "annotations" -> annotations = in.stringMap();
                case "linux" -> linux = OciLinuxReader.read(in);
                case "windows", "solaris", "vm", "zos" ->
                        throw in.fault("not a container for Linux");
                default -> in.skip();
            }
        }
        if (root == null || root.path().isEmpty()) {
            throw in.fault("root.path must be given");
        }
        if (process == null) {
            throw in.fault("process must be given");
        }
        if (hostname.length() > 64 || domainname.length() > 64) {
            throw in.fault("hostname and domainname have at most 64 characters");
        }
        return new OciSpec(
                version,
                root,
                process,
                hostname,
                domainname,
                mounts,
                hooks,
                annotations,
                linux,
                json);
    }

    private static Root readRoot(JsonReader in) throws JsonFault {
        String path = "";
        boolean readonly = false;
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "path" -> path = in.string();
                case "readonly" -> readonly = in.bool();
                default -> in.skip();
            }
        }
        return new Root(path, readonly);
    }

    private static List<Mount> readMounts(JsonReader in) throws JsonFault {
        List<Mount> mounts = new ArrayList<>();
        in.array();
        while (in.nextElement()) {
            if (mounts.size() >= MOUNTS_MAX) {
                throw in.fault("too many mounts");
            }
            mounts.add(readMount(in));
        }
        return mounts;
    }

    private static Mount readMount(JsonReader in) throws JsonFault {
        String destination = "";
        String type = "";
        String source = "";
        List<String> options = List.of();
        List<IdMapping> users = List.of();
        List<IdMapping> groups = List.of();
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "uidMappings" -> users = OciLinuxReader.readMappings(in);
                case "gidMappings" -> groups = OciLinuxReader.readMappings(in);
                case "destination" -> destination = in.string();
                case "type" -> type = in.string();
                case "source" -> source = in.string();
                case "options" -> options = in.strings();
                default -> in.skip();
            }
        }
        if (destination.isEmpty()) {
            throw in.fault("mount without destination");
        }
        if (destination.indexOf('\0') >= 0 || source.indexOf('\0') >= 0) {
            throw in.fault("path with a zero byte");
        }
        if (users.isEmpty() != groups.isEmpty()) {
            throw in.fault("a mount has either both uidMappings and gidMappings or none");
        }
        return new Mount(destination, type, source, options, users, groups);
    }

    private static Map<String, List<Hook>> readHooks(JsonReader in) throws JsonFault {
        Map<String, List<Hook>> hooks = new LinkedHashMap<>();
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "prestart",
                        "createRuntime",
                        "createContainer",
                        "startContainer",
                        "poststart",
                        "poststop" -> {
                    List<Hook> list = new ArrayList<>();
                    in.array();
                    while (in.nextElement()) {
                        list.add(readHook(in));
                    }
                    hooks.put(name, list);
                }
                default -> in.skip();
            }
        }
        return hooks;
    }

    private static Hook readHook(JsonReader in) throws JsonFault {
        String path = "";
        List<String> args = List.of();
        List<String> env = List.of();
        Integer timeout = null;
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "path" -> path = in.string();
                case "args" -> args = in.strings();
                case "env" -> env = in.strings();
                case "timeout" -> timeout = in.integer(1, Integer.MAX_VALUE);
                default -> in.skip();
            }
        }
        if (!path.startsWith("/")) {
            throw in.fault("path for hook is not absolute: \"" + path + "\"");
        }
        return new Hook(path, args, env, timeout);
    }
}
