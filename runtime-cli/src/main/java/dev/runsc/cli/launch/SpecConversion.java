package dev.runsc.cli.launch;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.cgroup.ResourcesText;
import dev.runsc.cli.cgroup.ShownGroup;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.launch.GoferExport.Mounts;
import dev.runsc.cli.oci.OciProcess;
import dev.runsc.cli.oci.OciProcess.CapabilitySets;
import dev.runsc.cli.oci.OciProcess.Rlimit;
import dev.runsc.cli.oci.OciSpec;
import dev.runsc.cli.oci.OciSpec.IdMapping;
import dev.runsc.cli.oci.OciSpec.Mount;
import dev.runsc.cli.oci.OciSpec.Namespace;
import dev.runsc.cli.oci.SaveAnnotations;
import dev.runsc.cli.oci.SpecNotes;
import dev.runsc.gofer.abi.RlimitNames;
import dev.runsc.kernel.ContainerSpec;
import dev.runsc.kernel.ContainerSpec.MountSpec;
import dev.runsc.kernel.ProcessSpec;
import dev.runsc.kernel.task.SandboxFiles;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A config.json in the words of the kernel: names become numbers, paths of the host become names
 * under which the gofer serves them.
 *
 * @param container without descriptors
 * @param exports what the gofer serves, the root first
 */
public record SpecConversion(ContainerSpec container, List<GoferExport> exports) {
    private static final int DEFAULT_UMASK = 0022;

    /** Options that say how to bind, or are said by a field of their own. */
    private static final Set<String> DROPPED_OPTIONS =
            Set.of(
                    "bind",
                    "rbind",
                    "ro",
                    "rw",
                    "idmap",
                    "ridmap",
                    "private",
                    "rprivate",
                    "slave",
                    "rslave",
                    "shared",
                    "rshared",
                    "unbindable",
                    "runbindable");

    /** What every container sees, whether its spec asks for it or not: programs count on them. */
    private static final List<MountSpec> MANDATORY =
            List.of(
                    new MountSpec("/proc", "proc", "", false, List.of()),
                    new MountSpec("/sys", "sysfs", "", true, List.of()),
                    new MountSpec("/dev", "devtmpfs", "", false, List.of()),
                    new MountSpec("/dev/pts", "devpts", "", false, List.of()),
                    new MountSpec("/dev/shm", "tmpfs", "", false, List.of("mode=1777")));

    /** Converts a spec; checks that what it names on the host is there. */
    public static SpecConversion of(String id, OciSpec spec, Path bundle, RuntimeConfig config)
            throws Failure {
        return of(id, spec, MountHints.of(spec), bundle, config);
    }

    /**
     * The same for a container in the sandbox of another.
     *
     * @param first the spec of the sandbox's first container
     */
    public static SpecConversion ofSubcontainer(
            String id, OciSpec spec, OciSpec first, Path bundle, RuntimeConfig config)
            throws Failure {
        return of(id, spec, MountHints.of(first), bundle, config);
    }

    private static SpecConversion of(
            String id, OciSpec spec, MountHints hints, Path bundle, RuntimeConfig config)
            throws Failure {
        if (DebugLog.isOn()) {
            SpecNotes.passedOver(spec).forEach(DebugLog::write);
        }
        String name = spec.containerName(id);
        RootImage image = RootImage.of(spec);
        Path root = image == null ? folder(bundle, spec) : image.source();
        boolean readonly = spec.root().readonly() || image != null && !image.overlay();
        boolean overlay = !readonly && (image != null || config.rootOverlay());
        List<GoferExport> exports = new ArrayList<>();
        String propagation = spec.linux().rootfsPropagation();
        exports.add(
                new GoferExport(
                        name + ":/", root, overlay || readonly, Mounts.ALL.below(propagation)));
        List<MountSpec> mounts = new ArrayList<>();
        for (Mount mount : spec.mounts()) {
            MountSpec shared = hints.find(mount);
            if (shared == null) {
                Mounts host = Mounts.of(mount.options()).below(propagation);
                mounts.add(convert(mount, name, bundle, config, host, exports));
            } else {
                mounts.add(shared);
            }
        }
        addMandatory(mounts);
        if (config.sharedFileAccess()) {
            DebugLog.write("--file-access=shared: the kernel asks the gofer each time in any case");
        }
        ContainerSpec container =
                new ContainerSpec(
                        id,
                        name,
                        spec.hostname(),
                        spec.isSubcontainer(id) ? sharedNamespaces(spec) : Set.of(),
                        image != null,
                        readonly,
                        overlay,
                        mounts,
                        spec.linux().maskedPaths(),
                        spec.linux().readonlyPaths(),
                        ShownGroup.limits(ResourcesText.parse(spec.linux().resources())),
                        sandboxFiles(spec, config),
                        LinuxConversion.of(spec.linux()),
                        process(spec.process()));
        return new SpecConversion(container, exports);
    }

    private static Path folder(Path bundle, OciSpec spec) throws Failure {
        Path root = resolve(bundle, spec.root().path(), "root.path");
        if (!Files.isDirectory(root)) {
            throw new Failure("root.path \"" + root + "\" is not a directory");
        }
        return root;
    }

    private static Set<String> sandboxFiles(OciSpec spec, RuntimeConfig config) throws Failure {
        Set<String> files = new LinkedHashSet<>();
        boolean saves = SaveAnnotations.of(spec, SaveAnnotations.Kind.SANDBOX) != null;
        boolean fileSaves = SaveAnnotations.of(spec, SaveAnnotations.Kind.FILES) != null;
        if (saves || fileSaves || config.markerFile()) {
            files.add(SandboxFiles.MARKER);
        }
        if (saves) {
            files.add(SandboxFiles.CHECKPOINT);
            files.add(SandboxFiles.ENVIRONMENT);
        }
        if (fileSaves) {
            files.add(SandboxFiles.FILE_SAVE);
        }
        return files;
    }

    /** The kinds of namespace of which it asks for none of its own. */
    private static Set<String> sharedNamespaces(OciSpec spec) {
        Set<String> shared = new LinkedHashSet<>(List.of("pid", "uts", "ipc"));
        for (Namespace namespace : spec.linux().namespaces()) {
            if (namespace.path().isEmpty()) {
                shared.remove(namespace.type());
            }
        }
        return shared;
    }

    /** A process in the kernel's words, without descriptors. */
    public static ProcessSpec process(OciProcess process) {
        CapabilitySets sets = process.capabilities();
        long[] capabilities =
                sets == null
                        ? new long[5]
                        : new long[] {
                            sets.bounding(),
                            sets.effective(),
                            sets.inheritable(),
                            sets.permitted(),
                            sets.ambient()
                        };
        Map<Integer, long[]> limits = new HashMap<>();
        for (Map.Entry<String, Rlimit> limit : process.rlimits().entrySet()) {
            limits.put(
                    RlimitNames.find(limit.getKey()),
                    new long[] {limit.getValue().soft(), limit.getValue().hard()});
        }
        OciProcess.User user = process.user();
        Integer oomScoreAdj = process.oomScoreAdj();
        return new ProcessSpec(
                process.args(),
                process.env(),
                process.workingDirectory(),
                user.uid(),
                user.gid(),
                user.additionalGids().stream().mapToInt(Integer::intValue).toArray(),
                user.umask() < 0 ? DEFAULT_UMASK : user.umask(),
                capabilities,
                process.noNewPrivileges(),
                limits,
                Map.of(),
                process.terminal(),
                oomScoreAdj == null ? 0 : oomScoreAdj);
    }

    private static MountSpec convert(
            Mount mount,
            String name,
            Path bundle,
            RuntimeConfig config,
            Mounts host,
            List<GoferExport> exports)
            throws Failure {
        Path destination = Path.of("/").resolve(mount.destination()).normalize();
        boolean readonly = mount.options().contains("ro");
        List<String> options = new ArrayList<>(mount.options());
        options.removeAll(DROPPED_OPTIONS);
        String type =
                switch (mount.type()) {
                    case "cgroup" -> config.cgroups().unified() ? "cgroup2" : "cgroup";
                    default -> destination.toString().equals("/dev") ? "devtmpfs" : mount.type();
                };
        options.removeIf(option ->
                option.startsWith(MountSpec.USERS) || option.startsWith(MountSpec.GROUPS));
        boolean erofs = mount.type().equals("erofs");
        if (!mount.isBind() && !erofs) {
            return new MountSpec(destination.toString(), type, "", readonly, options);
        }
        addIds(mount.users(), MountSpec.USERS, options);
        addIds(mount.groups(), MountSpec.GROUPS, options);
        if (mount.source().isEmpty()) {
            throw new Failure("mount \"" + mount.destination() + "\" has no source");
        }
        Path source = resolve(bundle, mount.source(), "source of mount " + mount.destination());
        if (!Files.exists(source)) {
            throw new Failure("mount source \"" + source + "\": no such file or directory");
        }
        // A single file has no place for an overlay.
        boolean overlay = config.overlayAll() && !readonly && (erofs || Files.isDirectory(source));
        if (overlay) {
            options.add(MountSpec.OVERLAY);
        }
        String key = name + ":" + destination;
        GoferExport wanted = new GoferExport(key, source, readonly || overlay || erofs, host);
        String served = export(wanted, exports).key();
        return new MountSpec(
                destination.toString(),
                erofs ? "erofs" : "bind",
                served,
                readonly || erofs && !overlay,
                options);
    }

    private static void addIds(List<IdMapping> ids, String option, List<String> options) {
        for (IdMapping range : ids) {
            options.add(
                    option
                            + Integer.toUnsignedString(range.containerId())
                            + ':'
                            + Integer.toUnsignedString(range.hostId())
                            + ':'
                            + Integer.toUnsignedString(range.size()));
        }
    }

    /** A mount may cover another at the same place; what is served already serves both. */
    private static GoferExport export(GoferExport wanted, List<GoferExport> exports) {
        GoferExport free = wanted;
        int count = 1;
        for (GoferExport other : exports) {
            if (other.key().equals(free.key())) {
                if (other.equals(free)) {
                    return other;
                }
                count++;
                String key = wanted.key() + "#" + count;
                free = new GoferExport(key, wanted.path(), wanted.readonly(), wanted.mounts());
            }
        }
        exports.add(free);
        return free;
    }

    /** In front of what lies below them, behind what they lie below. */
    private static void addMandatory(List<MountSpec> mounts) {
        List<MountSpec> missing = new ArrayList<>();
        for (MountSpec mandatory : MANDATORY) {
            boolean there = false;
            for (MountSpec mount : mounts) {
                there |= mount.destination().equals(mandatory.destination());
            }
            if (!there) {
                missing.add(mandatory);
            }
        }
        for (MountSpec mandatory : missing) {
            int at = 0;
            while (at < mounts.size()
                    && !mounts.get(at).destination().startsWith(mandatory.destination() + "/")) {
                at++;
            }
            mounts.add(at, mandatory);
        }
    }

    private static Path resolve(Path bundle, String path, String what) throws Failure {
        try {
            return bundle.resolve(path).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new Failure(what + ": " + Failure.reason(e), e);
        }
    }
}
