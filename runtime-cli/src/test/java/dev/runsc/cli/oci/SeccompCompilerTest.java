package dev.runsc.cli.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.cli.base.Failure;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SyscallNumbers;
import dev.runsc.kernel.task.seccomp.BpfProgram;
import dev.runsc.kernel.task.seccomp.CallData;
import dev.runsc.kernel.task.seccomp.SeccompFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Profiles become filters that say what the profiles say; the kernel's own interpreter is asked.
 */
final class SeccompCompilerTest {
    private static final int ALLOW = 0x7fff0000;
    private static final int ERRNO = 0x50000;
    private static final int ENOSYS = ERRNO | 38;

    private static SeccompFilter filter(String json) throws Failure, ErrnoException {
        long[] code = SeccompCompiler.compile(SeccompProfile.read(json));
        return new SeccompFilter(BpfProgram.of(code), null, false);
    }

    private static int ask(SeccompFilter filter, int number, long... arguments) {
        int result = filter.evaluate(new CallData(number, 0, arguments)).result();
        if (filter.alwaysAllows(number)) {
            assertEquals(ALLOW, result);
        }
        return result;
    }

    private static String rule(String name, String action, String more) {
        return "{\"names\": [\"%s\", \"nosuchcall\"], \"action\": \"SCMP_ACT_%s\"%s}"
                .formatted(name, action, more);
    }

    private static String profile(String start, String... rules) {
        return "{%s, \"syscalls\": [%s]}".formatted(start, String.join(", ", rules));
    }

    @Test
    void actionsAndWhichRuleWins() throws Exception {
        String condition = ", \"args\": [{\"index\": 0, \"value\": 5, \"op\": \"SCMP_CMP_EQ\"}]";
        SeccompFilter filter =
                filter(
                        profile(
                                "\"defaultAction\": \"SCMP_ACT_ERRNO\"",
                                rule("read", "ALLOW", ""),
                                rule("read", "TRAP", ""),
                                rule("write", "KILL", condition),
                                rule("write", "LOG", ""),
                                rule("close", "KILL_PROCESS", condition),
                                rule("close", "TRACE", condition.replace("5", "6")),
                                rule("statx", "ERRNO", ", \"errnoRet\": 77")));
        assertEquals(ALLOW, ask(filter, SyscallNumbers.SYS_read));
        assertEquals(0x7ffc0000, ask(filter, SyscallNumbers.SYS_write, 5));
        assertEquals(0x80000000, ask(filter, SyscallNumbers.SYS_close, 5));
        assertEquals(0x7ff00001, ask(filter, SyscallNumbers.SYS_close, 6));
        assertEquals(ERRNO | 1, ask(filter, SyscallNumbers.SYS_close, 7));
        assertEquals(ERRNO | 77, ask(filter, SyscallNumbers.SYS_statx));
        assertEquals(ERRNO | 1, ask(filter, SyscallNumbers.SYS_open));
        assertEquals(ENOSYS, ask(filter, SyscallNumbers.SYS_statx + 1));
        assertEquals(ERRNO | 1, ask(filter, 0x4000_0000));
        assertEquals(ERRNO | 1, ask(filter, -1));
        SeccompFilter plain =
                filter(
                        profile(
                                "\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38",
                                rule("read", "ALLOW", "")));
        assertEquals(ENOSYS, ask(plain, SyscallNumbers.SYS_write));
        assertEquals(ALLOW, ask(filter("{\"defaultAction\": \"SCMP_ACT_ALLOW\"}"), 500));
    }

    private static boolean holds(String operator, long argument, long value, long second) {
        int order = Long.compareUnsigned(argument, value);
        return switch (operator) {
            case "NE" -> order != 0;
            case "LT" -> order < 0;
            case "LE" -> order <= 0;
            case "EQ" -> order == 0;
            case "GE" -> order >= 0;
            case "GT" -> order > 0;
            default -> (argument & value) == (second & value);
        };
    }

    @Test
    void comparisonsAreOf64BitsWithoutSign() throws Exception {
        List<Long> values =
                List.of(
                        0L,
                        1L,
                        2L,
                        0xffff_ffffL,
                        1L << 32,
                        (1L << 32) + 1,
                        5L << 32,
                        -1L,
                        1L << 63);
        for (String operator : List.of("NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ")) {
            for (long value : values) {
                String arguments =
                        (", \"args\": [{\"index\": 2, \"value\": %s, \"valueTwo\": %d,"
                                        + " \"op\": \"SCMP_CMP_%s\"}]")
                                .formatted(Long.toUnsignedString(value), 1, operator);
                SeccompFilter filter =
                        filter(
                                profile(
                                        "\"defaultAction\": \"SCMP_ACT_ALLOW\"",
                                        rule("read", "TRAP", arguments)));
                for (long argument : values) {
                    assertEquals(
                            holds(operator, argument, value, 1) ? 0x30000 : ALLOW,
                            ask(filter, SyscallNumbers.SYS_read, 0, 0, argument),
                            operator + " " + argument + " " + value);
                }
            }
        }
    }

    @Test
    void conditionsOnSeveralArgumentsAllHoldAndOnOneAreAlternatives() throws Exception {
        String first = "{\"index\": 0, \"value\": 1, \"op\": \"SCMP_CMP_GE\"}";
        String other = "{\"index\": 5, \"value\": 2, \"op\": \"SCMP_CMP_NE\"}";
        String again = "{\"index\": 0, \"value\": 9, \"op\": \"SCMP_CMP_EQ\"}";
        String start = "\"defaultAction\": \"SCMP_ACT_ALLOW\"";
        SeccompFilter both = filter(profile(start, rule("read", "TRAP", args(first, other))));
        assertEquals(0x30000, ask(both, 0, 1, 0, 0, 0, 0, 3));
        assertEquals(ALLOW, ask(both, 0, 1, 0, 0, 0, 0, 2));
        assertEquals(ALLOW, ask(both, 0, 0, 0, 0, 0, 0, 3));
        SeccompFilter either =
                filter(profile(start, rule("read", "TRAP", args(again, other, first))));
        assertEquals(0x30000, ask(either, 0, 1, 0, 0, 0, 0, 2));
        assertEquals(0x30000, ask(either, 0, 0, 0, 0, 0, 0, 3));
        assertEquals(ALLOW, ask(either, 0, 0, 0, 0, 0, 0, 2));
    }

    private static String args(String... conditions) {
        return ", \"args\": [" + String.join(", ", conditions) + "]";
    }

    @Test
    void largeProfilesAreSearched() throws Exception {
        long seed = Long.getLong("test.seed", 4711);
        Random random = new Random(seed);
        List<String> rules = new ArrayList<>();
        int[] expected = new int[600];
        java.util.Arrays.fill(expected, ALLOW);
        for (var field : SyscallNumbers.class.getFields()) {
            int errno = random.nextInt(1, 200);
            if (random.nextBoolean()) {
                String name = field.getName().substring("SYS_".length());
                rules.add(rule(name, "ERRNO", ", \"errnoRet\": " + errno));
                expected[field.getInt(null)] = ERRNO | errno;
            }
        }
        SeccompFilter filter =
                filter(
                        profile(
                                "\"defaultAction\": \"SCMP_ACT_ALLOW\"",
                                rules.toArray(String[]::new)));
        for (int number = 0; number < expected.length; number++) {
            assertEquals(expected[number], ask(filter, number), "seed " + seed + ": " + number);
        }
    }

    @Test
    void whatIsUnknownIsRefusedByName() {
        List<List<String>> cases =
                List.of(
                        List.of("{\"defaultAction\": \"SCMP_ACT_NOTIFY\"}", "SCMP_ACT_NOTIFY"),
                        List.of("{\"listenerPath\": \"/run/s\"}", "listenerPath"),
                        List.of("{\"defaultAction\": \"X\"}", "\"X\""),
                        List.of("{}", "unknown action"),
                        List.of(
                                "{\"defaultAction\": \"SCMP_ACT_LOG\", \"flags\": [\"F\"]}",
                                "flag \"F\""),
                        List.of(
                                "{\"defaultAction\": \"SCMP_ACT_LOG\", \"architectures\": [\"A\"]}",
                                "architecture \"A\""),
                        List.of(
                                profile(
                                        "\"defaultAction\": \"SCMP_ACT_LOG\"",
                                        rule("read", "TRAP", args("{\"op\": \"EQ\"}"))),
                                "operator \"EQ\""));
        for (List<String> each : cases) {
            Failure failure =
                    assertThrows(Failure.class, () -> SeccompProfile.read(each.getFirst()));
            String message = failure.getMessage();
            assertTrue(message.startsWith("linux.seccomp"), message);
            assertTrue(message.contains(each.getLast()), message);
        }
    }
}
