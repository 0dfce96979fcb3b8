package dev.runsc.cli.oci;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A config.json.
 *
 * @param ociVersion as written
 * @param root the root file system
 * @param process the first process
 * @param hostname empty when not given
 * @param domainname empty when not given
 * @param mounts in order
 * @param hooks by stage name: prestart, createRuntime, createContainer, startContainer, poststart,
 *     poststop
 * @param annotations in order
 * @param linux the Linux part; empty lists when the document has none
 * @param json the document itself
 */
public record OciSpec(
        String ociVersion,
        Root root,
        OciProcess process,
        String hostname,
        String domainname,
        List<Mount> mounts,
        Map<String, List<Hook>> hooks,
        Map<String, String> annotations,
        Linux linux,
        String json) {

    /** The version of the runtime specification that is implemented. */
    public static final String VERSION = "1.2.0";

    private static final String CRI_TYPE = "io.kubernetes.cri.container-type";
    private static final String CRIO_TYPE = "io.kubernetes.cri-o.ContainerType";
    private static final String CRI_SANDBOX = "io.kubernetes.cri.sandbox-id";
    private static final String CRIO_SANDBOX = "io.kubernetes.cri-o.SandboxID";
    private static final String CRI_NAME = "io.kubernetes.cri.container-name";
    private static final String CRIO_NAME = "io.kubernetes.cri-o.ContainerName";

    /**
     * The name under which a snapshot knows the container; the id changes from restore to restore.
     */
    public String containerName(String id) {
        String name = annotation(CRI_NAME, CRIO_NAME);
        if (!name.isEmpty()) {
            return name;
        }
        return isSubcontainer(id) ? id : "__no_name_0";
    }

    /** Whether it is to live in the sandbox of another container. */
    public boolean isSubcontainer(String id) {
        return annotation(CRI_TYPE, CRIO_TYPE).equals("container")
                && !sandboxId().isEmpty()
                && !sandboxId().equals(id);
    }

    /** The sandbox that a Kubernetes runtime wants it in; empty when it does not say. */
    public String sandboxId() {
        return annotation(CRI_SANDBOX, CRIO_SANDBOX);
    }

    /** Whether a CRI runtime wrote the annotations, not podman in the way of CRI-O. */
    public boolean isOfKubernetes() {
        return annotations.containsKey(CRI_SANDBOX);
    }

    private String annotation(String cri, String crio) {
        String value = annotations.get(cri);
        return value == null ? annotations.getOrDefault(crio, "") : value;
    }

    /**
     * The root file system.
     *
     * @param path absolute, or relative to the bundle
     */
    public record Root(String path, boolean readonly) {}

    /**
     * One mount.
     *
     * @param destination absolute path in the container
     * @param type may be empty: then the options tell whether it is a bind mount
     * @param source may be empty
     * @param users from ids of users on the host to those that are shown, which the specification
     *     calls ids of the container and of the host; empty for no change
     * @param groups the same for groups
     */
    public record Mount(
            String destination,
            String type,
            String source,
            List<String> options,
            List<IdMapping> users,
            List<IdMapping> groups) {
        public boolean isBind() {
            return type.equals("bind")
                    || type.isEmpty()
                    || options.contains("bind")
                    || options.contains("rbind");
        }
    }

    /**
     * A program the runtime runs on the host.
     *
     * @param timeoutSeconds null for none
     */
    public record Hook(
            String path, List<String> args, List<String> env, @Nullable Integer timeoutSeconds) {}

    /** A range of ids, as in /proc/PID/uid_map. */
    public record IdMapping(int containerId, int hostId, int size) {}

    /**
     * A namespace to make ({@code path} empty) or to join.
     *
     * @param type pid, network, mount, ipc, uts, user, cgroup, time
     */
    public record Namespace(String type, String path) {}

    /**
     * A device node wanted in the container.
     *
     * @param type one of c, b, u, p
     * @param fileMode permission bits
     */
    public record Device(
            String path, String type, int major, int minor, int fileMode, int uid, int gid) {}

    /**
     * The Linux part.
     *
     * @param seccomp canonical JSON, empty for none
     * @param resources canonical JSON, empty for none
     */
    public record Linux(
            List<String> maskedPaths,
            List<String> readonlyPaths,
            List<Namespace> namespaces,
            List<IdMapping> uidMappings,
            List<IdMapping> gidMappings,
            List<Device> devices,
            Map<String, String> sysctl,
            String cgroupsPath,
            String rootfsPropagation,
            String seccomp,
            String resources) {

        /** Whether it is to have a user namespace of its own. */
        public boolean hasUserNamespace() {
            return namespaces.stream().anyMatch(n -> n.type().equals("user") && n.path().isEmpty());
        }
    }
}
