package dev.runsc.cli.oci;

import static dev.runsc.gofer.abi.SeccompConstants.*;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.oci.SeccompProfile.Comparison;
import dev.runsc.cli.oci.SeccompProfile.Condition;
import dev.runsc.cli.oci.SeccompProfile.Rule;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.SyscallNames;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes the filter of a profile: a search tree over the calls' numbers whose leaves look at
 * arguments. Which rule wins is as with libseccomp: among those for one call the first without
 * conditions, else the first whose conditions hold. Names that are none of a call on x86-64 are
 * passed over, as runc does.
 */
public final class SeccompCompiler {
    /** Offsets in {@code struct seccomp_data}. */
    private static final int NUMBER = 0;

    private static final int ARGUMENTS = 16;

    private static final int LOAD = BPF_LD | BPF_W | BPF_ABS;
    private static final int JUMP_MAX = 255;

    /** From here on numbers are of the x32 calls, of which there are none. */
    private static final int X32 = 0x4000_0000;

    private final SeccompProfile profile;

    private SeccompCompiler(SeccompProfile profile) {
        this.profile = profile;
    }

    /** The numbers from one on that are answered alike. */
    private record Range(int from, List<Long> code) {}

    /**
     * The filter as {@code struct sock_filter} has it, each instruction a little-endian number.
     *
     * @throws Failure when it is larger than a filter may be
     */
    public static long[] compile(SeccompProfile profile) throws Failure {
        List<Long> code = new ArrayList<>();
        code.add(statement(LOAD, NUMBER));
        SeccompCompiler compiler = new SeccompCompiler(profile);
        code.addAll(tree(compiler.ranges()));
        if (code.size() > BPF_MAXINSNS) {
            throw new Failure("linux.seccomp: the rules need " + code.size() + " instructions");
        }
        return code.stream().mapToLong(Long::longValue).toArray();
    }

    private List<Range> ranges() {
        TreeMap<Integer, List<Rule>> byNumber = new TreeMap<>();
        int highest = -1;
        for (Rule rule : profile.rules()) {
            for (String name : rule.names()) {
                int number = SyscallNames.find(name);
                highest = Math.max(highest, number);
                if (number >= 0 && rule.answer() != profile.defaultAnswer()) {
                    byNumber.computeIfAbsent(number, n -> new ArrayList<>()).add(rule);
                }
            }
        }
        List<Long> otherwise = List.of(answer(profile.defaultAnswer()));
        List<Range> ranges = new ArrayList<>();
        ranges.add(new Range(0, otherwise));
        for (Map.Entry<Integer, List<Rule>> entry : byNumber.entrySet()) {
            add(ranges, entry.getKey(), code(entry.getValue()));
            add(ranges, entry.getKey() + 1, otherwise);
        }
        if (profile.enosysAbove() && highest >= 0) {
            int missing = SECCOMP_RET_ERRNO | Errno.ENOSYS.number();
            add(ranges, highest + 1, List.of(answer(missing)));
            add(ranges, X32, otherwise);
        }
        return ranges;
    }

    /** Adds a range behind all others, or what is one with the last. */
    private static void add(List<Range> ranges, int from, List<Long> code) {
        Range last = ranges.getLast();
        if (last.from == from) {
            ranges.removeLast();
        }
        if (ranges.isEmpty() || !ranges.getLast().code.equals(code)) {
            ranges.add(new Range(from, code));
        }
    }

    /** A search for the number in A. */
    private static List<Long> tree(List<Range> ranges) {
        if (ranges.size() == 1) {
            return ranges.getFirst().code;
        }
        int middle = ranges.size() / 2;
        List<Long> below = tree(ranges.subList(0, middle));
        List<Long> above = tree(ranges.subList(middle, ranges.size()));
        int from = ranges.get(middle).from;
        List<Long> code = new ArrayList<>(below.size() + above.size() + 2);
        if (below.size() <= JUMP_MAX) {
            code.add(jump(BPF_JGE, from, below.size(), 0));
        } else {
            code.add(jump(BPF_JGE, from, 0, 1));
            code.add(statement(BPF_JMP | BPF_JA, below.size()));
        }
        code.addAll(below);
        code.addAll(above);
        return code;
    }

    // ---- The rules of one call

    private List<Long> code(List<Rule> rules) {
        for (Rule rule : rules) {
            if (rule.conditions().isEmpty()) {
                return List.of(answer(rule.answer()));
            }
        }
        List<Long> code = new ArrayList<>();
        for (Rule rule : rules) {
            if (repeatsArgument(rule.conditions())) {
                // As runc has it: several conditions on one argument are alternatives.
                for (Condition condition : rule.conditions()) {
                    code.addAll(code(List.of(condition), rule.answer()));
                }
            } else {
                code.addAll(code(rule.conditions(), rule.answer()));
            }
        }
        code.add(answer(profile.defaultAnswer()));
        return code;
    }

    private static boolean repeatsArgument(List<Condition> conditions) {
        Set<Integer> seen = new HashSet<>();
        return conditions.stream().anyMatch(condition -> !seen.add(condition.argument()));
    }

    private static List<Long> code(List<Condition> conditions, int answer) {
        List<Long> code = new ArrayList<>();
        code.add(answer(answer));
        for (Condition condition : conditions.reversed()) {
            // What is there already is where a condition that holds goes on; behind it is the next.
            code.addAll(0, code(condition, code.size()));
        }
        return code;
    }

    /**
     * A comparison of 64 bits in two halves, the upper one first.
     *
     * @param rest instructions between the end of these and where the rule does not hold
     */
    private static List<Long> code(Condition condition, int rest) {
        Comparison comparison = condition.comparison();
        boolean masked = comparison == Comparison.MASKED_EQ;
        long mask = condition.value();
        long value = masked ? condition.second() & mask : condition.value();
        int high = (int) (value >>> Integer.SIZE);
        int low = (int) value;
        int offset = ARGUMENTS + condition.argument() * Long.BYTES;
        List<Long> code = new ArrayList<>();
        code.add(statement(LOAD, offset + Integer.BYTES));
        switch (comparison) {
            case EQ, MASKED_EQ -> {
                int between = masked ? 3 : 2;
                if (masked) {
                    code.add(statement(BPF_ALU | BPF_AND | BPF_K, (int) (mask >>> Integer.SIZE)));
                }
                code.add(jump(BPF_JEQ, high, 0, between + rest));
                code.add(statement(LOAD, offset));
                if (masked) {
                    code.add(statement(BPF_ALU | BPF_AND | BPF_K, (int) mask));
                }
                code.add(jump(BPF_JEQ, low, 0, rest));
            }
            case NE -> {
                code.add(jump(BPF_JEQ, high, 0, 2));
                code.add(statement(LOAD, offset));
                code.add(jump(BPF_JEQ, low, rest, 0));
            }
            case GT, GE -> {
                code.add(jump(BPF_JGT, high, 3, 0));
                code.add(jump(BPF_JEQ, high, 0, 2 + rest));
                code.add(statement(LOAD, offset));
                code.add(jump(comparison == Comparison.GT ? BPF_JGT : BPF_JGE, low, 0, rest));
            }
            case LT, LE -> {
                code.add(jump(BPF_JGT, high, 3 + rest, 0));
                code.add(jump(BPF_JEQ, high, 0, 2));
                code.add(statement(LOAD, offset));
                code.add(jump(comparison == Comparison.LE ? BPF_JGT : BPF_JGE, low, rest, 0));
            }
        }
        return code;
    }

    // ---- Instructions

    private static long statement(int code, int k) {
        return (long) k << 32 | code;
    }

    private static long jump(int condition, int k, int ifTrue, int ifFalse) {
        return statement(BPF_JMP | condition | BPF_K, k) | ifTrue << 16 | (long) ifFalse << 24;
    }

    private static long answer(int value) {
        return statement(BPF_RET | BPF_K, value);
    }
}
