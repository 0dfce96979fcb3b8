package dev.runsc.cli.container;

import dev.runsc.cli.cgroup.CgroupState;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import java.nio.charset.StandardCharsets;

/**
 * What is kept of a container between commands.
 *
 * @param spec the config.json it was made from
 * @param createdAt RFC 3339 with nanoseconds
 * @param owner the name of the user who created it
 * @param sandbox the process that runs it
 * @param gofer the process that serves its files
 * @param cgroup the host's cgroup that both are in
 */
public record ContainerState(
        String id,
        String spec,
        String bundle,
        String createdAt,
        String owner,
        ContainerStatus status,
        Sandbox sandbox,
        ProcessIdentity gofer,
        CgroupState cgroup) {

    /** Without a cgroup. */
    public ContainerState(
            String id,
            String spec,
            String bundle,
            String createdAt,
            String owner,
            ContainerStatus status,
            Sandbox sandbox,
            ProcessIdentity gofer) {
        this(id, spec, bundle, createdAt, owner, status, sandbox, gofer, CgroupState.NONE);
    }

    /**
     * The sandbox as the container's file knows it.
     *
     * @param controlSocket where it listens
     * @param checkpointed whether a checkpoint ended it
     * @param restored whether it came from a snapshot
     */
    public record Sandbox(
            String id,
            ProcessIdentity process,
            String controlSocket,
            boolean checkpointed,
            boolean restored) {

        public Sandbox asCheckpointed() {
            return new Sandbox(id, process, controlSocket, true, restored);
        }

        public Sandbox asRestored() {
            return new Sandbox(id, process, controlSocket, checkpointed, true);
        }
    }

    /** Whether it lives in the sandbox of another container. */
    public boolean isSubcontainer() {
        return !id.equals(sandbox.id());
    }

    public ContainerState withStatus(ContainerStatus newStatus) {
        return new ContainerState(
                id, spec, bundle, createdAt, owner, newStatus, sandbox, gofer, cgroup);
    }

    public ContainerState withProcesses(Sandbox newSandbox, ProcessIdentity newGofer) {
        return new ContainerState(
                id, spec, bundle, createdAt, owner, status, newSandbox, newGofer, cgroup);
    }

    public ContainerState withCgroup(CgroupState newCgroup) {
        return new ContainerState(
                id, spec, bundle, createdAt, owner, status, sandbox, gofer, newCgroup);
    }

    /** The document of a state file. */
    public String toJson() {
        JsonText json = new JsonText();
        json.beginObject();
        json.field("id", id);
        json.field("bundleDir", bundle);
        json.field("createdAt", createdAt);
        json.field("owner", owner);
        json.field("status", status.text());
        json.field("goferPid", gofer.pid()).field("goferStart", gofer.startTicks());
        json.name("sandbox").beginObject();
        json.field("id", sandbox.id());
        json.field("pid", sandbox.process().pid());
        json.field("start", sandbox.process().startTicks());
        json.field("controlSocketPath", sandbox.controlSocket());
        json.field("checkpointed", sandbox.checkpointed());
        json.field("restored", sandbox.restored());
        json.endObject();
        if (!cgroup.isNone()) {
            json.name("cgroup");
            cgroup.write(json);
        }
        json.name("spec").raw(spec);
        json.endObject();
        return json.text();
    }

    /** Reads a state file's document. */
    static ContainerState parse(String document, byte[] bytes) throws JsonFault {
        JsonReader in = new JsonReader(document, bytes);
        String id = "";
        String spec = "{}";
        String bundle = "";
        String createdAt = "";
        String owner = "";
        ContainerStatus status = null;
        int goferPid = 0;
        long goferStart = 0;
        Sandbox sandbox = null;
        CgroupState cgroup = CgroupState.NONE;
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "id" -> id = in.string();
                case "spec" -> spec = in.raw();
                case "bundleDir" -> bundle = in.string();
                case "createdAt" -> createdAt = in.string();
                case "owner" -> owner = in.string();
                case "status" -> status = ContainerStatus.find(in.string());
                case "goferPid" -> goferPid = in.integer(0, Integer.MAX_VALUE);
                case "goferStart" -> goferStart = in.number(0, Long.MAX_VALUE);
                case "sandbox" -> sandbox = parseSandbox(in);
                case "cgroup" -> cgroup = CgroupState.read(in);
                default -> in.skip();
            }
        }
        if (id.isEmpty() || status == null || sandbox == null) {
            throw in.fault("id, status or sandbox is missing");
        }
        in.end();
        return new ContainerState(
                id,
                spec,
                bundle,
                createdAt,
                owner,
                status,
                sandbox,
                new ProcessIdentity(goferPid, goferStart),
                cgroup);
    }

    private static Sandbox parseSandbox(JsonReader in) throws JsonFault {
        String id = "";
        int pid = 0;
        long start = 0;
        String socket = "";
        boolean checkpointed = false;
        boolean restored = false;
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "id" -> id = in.string();
                case "pid" -> pid = in.integer(0, Integer.MAX_VALUE);
                case "start" -> start = in.number(0, Long.MAX_VALUE);
                case "controlSocketPath" -> socket = in.string();
                case "checkpointed" -> checkpointed = in.bool();
                case "restored" -> restored = in.bool();
                default -> in.skip();
            }
        }
        return new Sandbox(id, new ProcessIdentity(pid, start), socket, checkpointed, restored);
    }

    /** The spec as bytes, for the reader of specs. */
    public byte[] specBytes() {
        return spec.getBytes(StandardCharsets.UTF_8);
    }
}
