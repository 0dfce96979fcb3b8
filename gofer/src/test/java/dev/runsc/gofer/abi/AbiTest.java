package dev.runsc.gofer.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every constant and every struct member against the headers of this machine, and all of them
 * against the golden file, which stands for the headers where there is no compiler. {@code
 * -Dgolden.update} rewrites it.
 */
class AbiTest {
    private static final Path GOLDEN = Path.of("gofer/src/test/resources/golden/abi.txt");

    @TempDir Path directory;

    /** Lines of {@code Class.NAME value}, unsigned where the C constant is. */
    private static List<String> constantLines(AbiNatives.Constants constants) throws Exception {
        List<String> lines = new ArrayList<>();
        for (Field field : constants.type().getFields()) {
            if (Modifier.isStatic(field.getModifiers())) {
                lines.add(line(constants.type(), field.getName(), field.getLong(null)));
            }
        }
        return lines;
    }

    /** Ints above 2^31 are negative in Java: compared by their low 32 bits, longs by all 64. */
    private static String line(Class<?> type, String name, long value) throws Exception {
        boolean isInt = type.getField(name).getType() == int.class;
        return type.getSimpleName() + "." + name + " " + (isInt ? (int) value : value);
    }

    /**
     * Lines of {@code Struct.member offset size}, found by what a member alone sets in the bytes.
     */
    private static List<String> structLines(AbiNatives.Struct struct) throws Exception {
        List<String> lines = new ArrayList<>();
        String name = struct.type().getSimpleName();
        List<String> members = List.of(struct.fields().split(" "));
        int leaves = leafCount(struct.type());
        assertEquals(members.size(), leaves, name);
        for (int i = 0; i < leaves; i++) {
            byte[] bytes = ((AbiStruct) build(struct.type(), new int[] {i})).toBytes();
            int first = 0;
            while (bytes[first] == 0) {
                first++;
            }
            int last = first;
            while (last < bytes.length && bytes[last] != 0) {
                last++;
            }
            lines.add(name + "." + members.get(i) + " " + first + " " + (last - first));
            AbiStruct again = read(struct.type(), bytes);
            assertEquals(ByteBuffer.wrap(bytes), ByteBuffer.wrap(again.toBytes()), name);
        }
        int size = ((AbiStruct) build(struct.type(), new int[] {-1})).toBytes().length;
        lines.add(name + " sizeof " + size);
        assertEquals(size, struct.type().getField("BYTES").getInt(null), name);
        return lines;
    }

    private static AbiStruct read(Class<?> type, byte[] bytes) throws Exception {
        return (AbiStruct)
                type.getMethod("readFrom", ByteBuffer.class).invoke(null, ByteBuffer.wrap(bytes));
    }

    private static int leafCount(Class<?> type) {
        int count = 0;
        for (RecordComponent component : type.getRecordComponents()) {
            count += component.getType().isRecord() ? leafCount(component.getType()) : 1;
        }
        return count;
    }

    /** A record whose leaf number {@code leaf[0]} is all ones and the others zero. */
    private static Object build(Class<?> type, int[] leaf) throws Exception {
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            if (types[i].isRecord()) {
                values[i] = build(types[i], leaf);
            } else {
                boolean ones = leaf[0]-- == 0;
                values[i] = types[i] == long.class ? (Object) (ones ? -1L : 0L) : (ones ? -1 : 0);
            }
        }
        Constructor<?> constructor = type.getConstructor(types);
        return constructor.newInstance(values);
    }

    private static List<String> errnoLines() {
        List<String> lines = new ArrayList<>();
        for (Errno errno : Errno.values()) {
            lines.add("Errno." + errno.name() + " " + errno.number() + " " + errno.message());
        }
        return lines;
    }

    @Test
    void javaAgreesWithTheGoldenFile() throws Exception {
        List<String> lines = new ArrayList<>(errnoLines());
        for (AbiNatives.Constants constants : AbiNatives.CONSTANTS) {
            lines.addAll(constantLines(constants));
        }
        for (AbiNatives.Struct struct : AbiNatives.STRUCTS) {
            lines.addAll(structLines(struct));
        }
        String text = String.join("\n", new TreeSet<>(lines)) + "\n";
        Path golden = Path.of(System.getProperty("runsc.root", "..")).resolve(GOLDEN);
        if (System.getProperty("golden.update") != null) {
            Files.writeString(golden, text);
        }
        assertEquals(Files.readString(golden), text);
    }

    @Test
    void constantsAgreeWithTheHeaders() throws Exception {
        if (compilerIsMissing()) {
            return;
        }
        int compared = 0;
        for (AbiNatives.Constants constants : AbiNatives.CONSTANTS) {
            String includes = includes(constants.headers());
            Set<String> known = wordsOf(includes);
            StringBuilder body = new StringBuilder();
            Set<String> expected = new TreeSet<>();
            for (String line : constantLines(constants)) {
                String name = line.substring(line.indexOf('.') + 1, line.indexOf(' '));
                if (known.contains(name)) {
                    boolean isInt = constants.type().getField(name).getType() == int.class;
                    String cast = isInt ? "(int)" : "(long)";
                    body.append("printf(\"")
                            .append(constants.type().getSimpleName())
                            .append('.')
                            .append(name)
                            .append(" %ld\\n\", (long)")
                            .append(cast)
                            .append('(')
                            .append(name)
                            .append("));\n");
                    expected.add(line);
                }
            }
            assertEquals(expected, new TreeSet<>(run(includes, body.toString())));
            compared += expected.size();
        }
        assertTrue(compared > 3000, "only " + compared + " constants were found in headers");
    }

    @Test
    void structsAgreeWithTheHeaders() throws Exception {
        if (compilerIsMissing()) {
            return;
        }
        for (AbiNatives.Struct struct : AbiNatives.STRUCTS) {
            String name = struct.type().getSimpleName();
            StringBuilder body = new StringBuilder(struct.name() + " s;\n");
            for (String member : List.of(struct.fields().split(" "))) {
                body.append("printf(\"")
                        .append(name)
                        .append('.')
                        .append(member)
                        .append(" %zu %zu\\n\", (char *)&s.")
                        .append(member)
                        .append(" - (char *)&s, sizeof s.")
                        .append(member)
                        .append(");\n");
            }
            body.append("printf(\"").append(name).append(" sizeof %zu\\n\", sizeof s);\n");
            String includes = includes(List.of(struct.headers().split(" ")));
            assertEquals(structLines(struct), run(includes, body.toString()));
        }
    }

    @Test
    void errnosAgreeWithTheHeaders() throws Exception {
        if (compilerIsMissing()) {
            return;
        }
        StringBuilder body = new StringBuilder();
        for (Errno errno : Errno.values()) {
            body.append("printf(\"Errno.")
                    .append(errno.name())
                    .append(" %d %s\\n\", ")
                    .append(errno.name())
                    .append(", strerror(")
                    .append(errno.name())
                    .append("));\n");
        }
        String includes = includes(List.of("errno.h", "string.h"));
        assertEquals(errnoLines(), run(includes, body.toString()));
    }

    /**
     * The unions of {@code siginfo_t}, the control characters, the names: byte for byte as in C.
     */
    @Test
    void bytesAgreeWithTheHeaders() throws Exception {
        if (compilerIsMissing()) {
            return;
        }
        String program =
                """
                #define HEX(o) { unsigned char *p = (unsigned char *)&o; \
                    for (size_t i = 0; i < sizeof o; i++) printf("%02x", p[i]); puts(""); \
                    memset(&o, 0, sizeof o); }
                siginfo_t s; memset(&s, 0, sizeof s);
                s.si_signo = 17; s.si_code = 2; s.si_pid = 5; s.si_uid = 6; s.si_status = 9;
                s.si_utime = 11; s.si_stime = 12; HEX(s)
                s.si_signo = 34; s.si_code = -2; s.si_tid = 3; s.si_overrun = 4;
                s.si_ptr = (void *)0x1234567890; HEX(s)
                s.si_signo = 11; s.si_code = 1; s.si_addr = (void *)0xdeadbeef00; HEX(s)
                s.si_signo = 29; s.si_code = 1; s.si_band = 0x41; s.si_fd = 7; HEX(s)
                s.si_signo = 31; s.si_code = 1; s.si_errno = 8; s.si_call_addr = (void *)0x999;
                s.si_syscall = 39; s.si_arch = 0xc000003e; HEX(s)
                struct termios t; memset(&t, 0, sizeof t);
                t.c_iflag = 1; t.c_oflag = 2; t.c_cflag = 3; t.c_lflag = 4; t.c_line = 5;
                for (int i = 0; i < 19; i++) t.c_cc[i] = 10 + i; HEX(t)
                struct new_utsname u; memset(&u, 0, sizeof u);
                strcpy(u.sysname, "a"); strcpy(u.nodename, "b"); strcpy(u.release, "c");
                strcpy(u.version, "d"); strcpy(u.machine, "e"); strcpy(u.domainname, "f"); HEX(u)
                """;
        byte[] characters = new byte[Termios.CONTROL_CHARACTERS];
        for (int i = 0; i < characters.length; i++) {
            characters[i] = (byte) (10 + i);
        }
        List<AbiStruct> ours =
                List.of(
                        SigInfo.child(2, 5, 6, 9, 11, 12),
                        SigInfo.timer(34, 3, 4, 0x1234567890L),
                        SigInfo.fault(11, 1, 0xdeadbeef00L),
                        SigInfo.poll(29, 1, 0x41, 7),
                        SigInfo.sys(1, 8, 0x999, 39, 0xc000003e),
                        new Termios(1, 2, 3, 4, 5, characters),
                        new Utsname("a", "b", "c", "d", "e", "f"));
        List<String> expected = new ArrayList<>();
        for (AbiStruct struct : ours) {
            expected.add(HexFormat.of().formatHex(struct.toBytes()));
        }
        List<String> headers =
                List.of("string.h", "asm/siginfo.h", "asm/termbits.h", "linux/utsname.h");
        assertEquals(expected, run(includes(headers), program));
    }

    /** {@code _NSIG} is the kernel's own name for the number behind SIGRTMAX. */
    private static String includes(List<String> headers) {
        return "#define _GNU_SOURCE 1\n#define _NSIG 64\n"
                + headers.stream().map(h -> "#include <" + h + ">\n").collect(Collectors.joining());
    }

    private Set<String> wordsOf(String includes) throws Exception {
        Path source = Files.writeString(directory.resolve("words.c"), includes);
        List<String> lines = execute("gcc", "-E", "-dD", source.toString());
        Set<String> words = new HashSet<>();
        for (String line : lines) {
            Pattern.compile("\\w+")
                    .matcher(line)
                    .results()
                    .map(MatchResult::group)
                    .forEach(words::add);
        }
        return words;
    }

    private List<String> run(String includes, String body) throws Exception {
        String program =
                includes + "#include <stdio.h>\nint main(void) {\n" + body + "return 0;\n}\n";
        Path source = Files.writeString(directory.resolve("printer.c"), program);
        Path binary = directory.resolve("printer");
        execute("gcc", "-w", "-o", binary.toString(), source.toString());
        return execute(binary.toString());
    }

    private static List<String> execute(String... command) throws Exception {
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        List<String> lines = process.inputReader().lines().toList();
        assertEquals(0, process.waitFor(), String.join(" ", command));
        return lines;
    }

    private static boolean compilerIsMissing() throws IOException {
        for (String part : List.of(System.getenv("PATH").split(":"))) {
            if (Files.isExecutable(Path.of(part, "gcc"))) {
                return false;
            }
        }
        String list = System.getProperty("runsc.notRunnable");
        if (list != null) {
            Files.writeString(
                    Path.of(list),
                    "AbiTest: no gcc, compared with the golden file only\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
        return true;
    }
}
