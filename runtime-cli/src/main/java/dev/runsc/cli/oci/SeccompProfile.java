package dev.runsc.cli.oci;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.SeccompConstants;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code linux.seccomp} of a config.json (config-linux.md, "Seccomp").
 *
 * @param defaultAnswer {@code SECCOMP_RET_*} with its data, for calls that no rule is about
 * @param logs whether {@code SECCOMP_FILTER_FLAG_LOG} is among the flags
 * @param enosysAbove whether calls above all those named are to be answered as ones that are not
 *     there, as runc does: a profile cannot speak of calls that are newer than it
 */
public record SeccompProfile(
        int defaultAnswer, boolean logs, boolean enosysAbove, List<Rule> rules) {

    private static final int RULES_MAX = 4096;
    private static final int NAMES_MAX = 65_536;
    private static final int CONDITIONS_MAX = 64;

    /** Linux's largest errno. */
    private static final int ERRNO_MAX = 4095;

    /** Whatever it says of threads and speculation: there is one thread when the filter comes. */
    public static final List<String> FLAGS =
            List.of(
                    "SECCOMP_FILTER_FLAG_TSYNC",
                    "SECCOMP_FILTER_FLAG_LOG",
                    "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
                    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");

    /** A guest's calls are all of x86-64; rules for others have nothing to act on. */
    public static final List<String> ARCHITECTURES =
            List.of(
                    "SCMP_ARCH_X86",
                    "SCMP_ARCH_X86_64",
                    "SCMP_ARCH_X32",
                    "SCMP_ARCH_ARM",
                    "SCMP_ARCH_AARCH64",
                    "SCMP_ARCH_LOONGARCH64",
                    "SCMP_ARCH_M68K",
                    "SCMP_ARCH_MIPS",
                    "SCMP_ARCH_MIPS64",
                    "SCMP_ARCH_MIPS64N32",
                    "SCMP_ARCH_MIPSEL",
                    "SCMP_ARCH_MIPSEL64",
                    "SCMP_ARCH_MIPSEL64N32",
                    "SCMP_ARCH_PPC",
                    "SCMP_ARCH_PPC64",
                    "SCMP_ARCH_PPC64LE",
                    "SCMP_ARCH_S390",
                    "SCMP_ARCH_S390X",
                    "SCMP_ARCH_PARISC",
                    "SCMP_ARCH_PARISC64",
                    "SCMP_ARCH_RISCV64",
                    "SCMP_ARCH_SH",
                    "SCMP_ARCH_SHEB");

    /** The actions there are; {@code SCMP_ACT_NOTIFY} is not. */
    public static final List<String> ACTIONS =
            List.of(
                    "SCMP_ACT_ALLOW",
                    "SCMP_ACT_ERRNO",
                    "SCMP_ACT_KILL",
                    "SCMP_ACT_KILL_PROCESS",
                    "SCMP_ACT_KILL_THREAD",
                    "SCMP_ACT_LOG",
                    "SCMP_ACT_TRACE",
                    "SCMP_ACT_TRAP");

    /** In the order of {@link Comparison}. */
    public static final List<String> OPERATORS =
            Arrays.stream(Comparison.values()).map(each -> "SCMP_CMP_" + each).toList();

    /**
     * What is answered to some calls.
     *
     * @param answer {@code SECCOMP_RET_*} with its data
     * @param conditions all of which hold
     */
    public record Rule(List<String> names, int answer, List<Condition> conditions) {}

    /** A comparison of an argument, without sign; {@code second} is of MASKED_EQ alone. */
    public record Condition(int argument, Comparison comparison, long value, long second) {}

    /** {@code SCMP_CMP_*}. */
    public enum Comparison {
        NE,
        LT,
        LE,
        EQ,
        GE,
        GT,
        /** The argument's bits of the first value are those of the second. */
        MASKED_EQ
    }

    /** An action and the number that goes with it, which may stand behind it in the document. */
    private record Action(String name, int errno) {
        static final int UNSET = -1;
    }

    /**
     * Reads one.
     *
     * @param json the object
     */
    public static SeccompProfile read(String json) throws Failure {
        try {
            JsonReader in = new JsonReader("seccomp", json.getBytes(StandardCharsets.UTF_8));
            return read(in);
        } catch (JsonFault e) {
            throw new Failure("linux." + e.getMessage(), e);
        }
    }

    private static SeccompProfile read(JsonReader in) throws JsonFault {
        String action = "";
        int errno = Action.UNSET;
        boolean logs = false;
        List<Rule> rules = new ArrayList<>();
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "defaultAction" -> action = in.string();
                case "defaultErrnoRet" -> errno = in.integer(0, ERRNO_MAX);
                case "architectures" -> requireKnown(in, "architecture", ARCHITECTURES);
                case "flags" ->
                        logs = requireKnown(in, "flag", FLAGS).contains("SECCOMP_FILTER_FLAG_LOG");
                case "syscalls" -> {
                    in.array();
                    while (in.nextElement()) {
                        if (rules.size() >= RULES_MAX) {
                            throw in.fault("too many rules");
                        }
                        rules.add(readRule(in));
                    }
                }
                case "listenerPath" -> {
                    if (!in.string().isEmpty()) {
                        throw in.fault("listenerPath is not supported");
                    }
                }
                default -> in.skip();
            }
        }
        int answer = answer(in, new Action(action, errno));
        boolean permissive =
                (answer & SeccompConstants.SECCOMP_RET_ACTION_FULL)
                        >= SeccompConstants.SECCOMP_RET_TRACE;
        return new SeccompProfile(
                answer, logs, !permissive && errno != Errno.ENOSYS.number(), rules);
    }

    private static List<String> requireKnown(JsonReader in, String what, List<String> known)
            throws JsonFault {
        List<String> names = in.strings();
        for (String name : names) {
            if (!known.contains(name)) {
                throw in.fault("unknown " + what + " \"" + name + "\"");
            }
        }
        return names;
    }

    private static Rule readRule(JsonReader in) throws JsonFault {
        List<String> names = List.of();
        String action = "";
        int errno = Action.UNSET;
        List<Condition> conditions = new ArrayList<>();
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "names" -> names = in.strings();
                case "action" -> action = in.string();
                case "errnoRet" -> errno = in.integer(0, ERRNO_MAX);
                case "args" -> {
                    in.array();
                    while (in.nextElement()) {
                        if (conditions.size() >= CONDITIONS_MAX) {
                            throw in.fault("too many arguments");
                        }
                        conditions.add(readCondition(in));
                    }
                }
                default -> in.skip();
            }
        }
        if (names.isEmpty() || names.size() > NAMES_MAX || names.contains("")) {
            throw in.fault("a rule is about named system calls");
        }
        return new Rule(names, answer(in, new Action(action, errno)), conditions);
    }

    private static Condition readCondition(JsonReader in) throws JsonFault {
        int index = 0;
        long value = 0;
        long second = 0;
        String operation = "";
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "index" -> index = in.integer(0, 5);
                case "value" -> value = in.unsigned();
                case "valueTwo" -> second = in.unsigned();
                case "op" -> operation = in.string();
                default -> in.skip();
            }
        }
        int comparison = OPERATORS.indexOf(operation);
        if (comparison < 0) {
            throw in.fault("unknown operator \"" + operation + "\"");
        }
        return new Condition(index, Comparison.values()[comparison], value, second);
    }

    private static int answer(JsonReader in, Action action) throws JsonFault {
        int errno = action.errno == Action.UNSET ? Errno.EPERM.number() : action.errno;
        return switch (action.name) {
            case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" ->
                    SeccompConstants.SECCOMP_RET_KILL_THREAD;
            case "SCMP_ACT_KILL_PROCESS" -> SeccompConstants.SECCOMP_RET_KILL_PROCESS;
            case "SCMP_ACT_TRAP" -> SeccompConstants.SECCOMP_RET_TRAP;
            case "SCMP_ACT_ERRNO" -> SeccompConstants.SECCOMP_RET_ERRNO | errno;
            case "SCMP_ACT_TRACE" -> SeccompConstants.SECCOMP_RET_TRACE | errno;
            case "SCMP_ACT_LOG" -> SeccompConstants.SECCOMP_RET_LOG;
            case "SCMP_ACT_ALLOW" -> SeccompConstants.SECCOMP_RET_ALLOW;
            case "SCMP_ACT_NOTIFY" -> throw in.fault("action SCMP_ACT_NOTIFY is not supported");
            default -> throw in.fault("unknown action \"" + action.name + "\"");
        };
    }
}
