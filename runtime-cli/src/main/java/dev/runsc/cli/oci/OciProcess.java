package dev.runsc.cli.oci;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The {@code process} object: what to run, as whom, within which limits. Also the content of {@code
 * exec --process}.
 *
 * @param workingDirectory absolute
 * @param capabilities null when the document has none: then the process has no capability at all
 * @param rlimits by name without prefix check, in order
 * @param oomScoreAdj null when not given
 */
public record OciProcess(
        boolean terminal,
        User user,
        List<String> args,
        List<String> env,
        String workingDirectory,
        @Nullable CapabilitySets capabilities,
        Map<String, Rlimit> rlimits,
        boolean noNewPrivileges,
        @Nullable Integer oomScoreAdj) {

    /** Who the process runs as; {@code umask} is negative when not given. */
    public record User(int uid, int gid, int umask, List<Integer> additionalGids) {}

    /** A limit; the bits are those of an unsigned number, all ones being RLIM_INFINITY. */
    public record Rlimit(long soft, long hard) {}

    /** The five sets, bit n being capability n. */
    public record CapabilitySets(
            long bounding, long effective, long inheritable, long permitted, long ambient) {}

    /** The same with other arguments. */
    public OciProcess withArgs(List<String> newArgs) {
        return new OciProcess(
                terminal,
                user,
                newArgs,
                env,
                workingDirectory,
                capabilities,
                rlimits,
                noNewPrivileges,
                oomScoreAdj);
    }
}
