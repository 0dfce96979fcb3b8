package dev.runsc.kernel.platform.stub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Java layouts say what stub.h says. A C program prints the header's values; a golden file
 * holds them for machines without a compiler ({@code -Dgolden.update} rewrites it).
 */
final class LayoutTest {
    private static final Path HEADER =
            Path.of(System.getProperty("runsc.root", ".."), "kernel/src/main/c/stub/stub.h");
    private static final String GOLDEN = "/golden/stub-layout.txt";
    private static final Path GOLDEN_SOURCE =
            Path.of(System.getProperty("runsc.root", ".."), "kernel/src/test/resources" + GOLDEN);

    private static final Pattern CONSTANT = Pattern.compile("(?m)^#define ([A-Z0-9_]+) +[0-9(]");
    private static final Pattern STRUCT = Pattern.compile("(?ms)^struct (\\w+) \\{(.*?)^\\};");
    private static final Pattern MEMBER =
            Pattern.compile("(?m)^    (?:volatile |struct )?\\w+ (\\w+)(?:\\[\\w+\\])?;");

    /** Prefix of a struct's Java constants. */
    private static final Map<String, String> PREFIXES =
            Map.of(
                    "stub_ring", "RING_",
                    "stub_ring_entry", "ENTRY_",
                    "stub_reply", "REPLY_",
                    "stub_slot", "SLOT_",
                    "stub_message", "MESSAGE_",
                    "stub_component", "COMPONENT_",
                    "stub_hello", "HELLO_");

    /** What only the stub has use for. */
    private static final List<String> OF_THE_STUB =
            List.of("STUB_DATA", "STUB_DATA_SIZE", "STUB_RING_SIZE");

    @TempDir private Path directory;

    private static Map<String, Long> javaConstants() throws IllegalAccessException {
        Map<String, Long> constants = new TreeMap<>();
        Class<?>[] layouts = {StubLayout.class, RingLayout.class, SlotLayout.class};
        for (Class<?> layout : layouts) {
            for (Field field : layout.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers())
                        && !Modifier.isPrivate(field.getModifiers())) {
                    constants.put(field.getName(), ((Number) field.get(null)).longValue());
                }
            }
        }
        return constants;
    }

    private static Map<String, Long> parse(String text) {
        Map<String, Long> values = new TreeMap<>();
        text.lines()
                .map(line -> line.split(" ", -1))
                .forEach(parts -> values.put(parts[0], Long.decode(parts[1])));
        return values;
    }

    private static String golden() throws IOException {
        try (InputStream in = LayoutTest.class.getResourceAsStream(GOLDEN)) {
            assertTrue(in != null, "no " + GOLDEN);
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    /**
     * A program that prints a line for each constant, each member's offset and each struct's size.
     */
    private static String printer(String header) {
        StringBuilder body = new StringBuilder();
        Matcher constant = CONSTANT.matcher(header);
        while (constant.find()) {
            print(body, constant.group(1), constant.group(1));
        }
        Matcher struct = STRUCT.matcher(header);
        while (struct.find()) {
            String name = struct.group(1);
            Matcher member = MEMBER.matcher(struct.group(2));
            while (member.find()) {
                if (!member.group(1).startsWith("unused")) {
                    String offset =
                            "__builtin_offsetof(struct %s, %s)".formatted(name, member.group(1));
                    print(body, name + "." + member.group(1), offset);
                }
            }
            print(body, name, "sizeof(struct %s)".formatted(name));
        }
        return """
        #include <stdio.h>
        #include "%s"
        int main(void) {
        %s    return 0;
        }
        """
                .formatted(HEADER.toAbsolutePath(), body);
    }

    private static void print(StringBuilder body, String name, String value) {
        body.append(
                "    printf(\"%s 0x%%llx\\n\", (unsigned long long)(%s));%n"
                        .formatted(name, value));
    }

    /** What the compiler says, or what the golden file says where there is none. */
    private String header() throws IOException, InterruptedException {
        Path source = directory.resolve("printer.c");
        Path program = directory.resolve("printer");
        Files.writeString(source, printer(Files.readString(HEADER)));
        Process compiler;
        try {
            compiler =
                    new ProcessBuilder("cc", "-o", program.toString(), source.toString())
                            .inheritIO()
                            .start();
        } catch (IOException e) {
            return golden();
        }
        assertEquals(0, compiler.waitFor());
        Process run = new ProcessBuilder(program.toString()).start();
        String text = new String(run.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertEquals(0, run.waitFor());
        return text;
    }

    @Test
    void theHeaderIsAsTheGoldenFileSays() throws IOException, InterruptedException {
        String header = header();
        if (System.getProperty("golden.update") != null) {
            Files.createDirectories(GOLDEN_SOURCE.getParent());
            Files.writeString(GOLDEN_SOURCE, header);
            return;
        }
        assertEquals(golden(), header);
    }

    @Test
    void javaAndTheHeaderAgree() throws IOException, InterruptedException, IllegalAccessException {
        Map<String, Long> header = parse(header());
        Map<String, Long> constants = javaConstants();
        List<String> differences = new ArrayList<>();
        List<String> known = new ArrayList<>(OF_THE_STUB);
        for (Map.Entry<String, Long> entry : header.entrySet()) {
            String name = javaName(entry.getKey());
            known.add(name);
            Long value = constants.get(name);
            boolean member = !name.equals(entry.getKey());
            if (value == null
                    ? !member && !OF_THE_STUB.contains(name)
                    : !value.equals(entry.getValue())) {
                differences.add(name + ": Java " + value + ", C " + entry.getValue());
            }
        }
        constants.keySet().stream().filter(name -> !known.contains(name)).forEach(differences::add);
        assertEquals(List.of(), differences);
    }

    private static String javaName(String name) {
        int dot = name.indexOf('.');
        String struct = dot < 0 ? name : name.substring(0, dot);
        String prefix = PREFIXES.get(struct);
        if (prefix == null) {
            return name;
        }
        return prefix
                + (dot < 0 ? "SIZE" : name.substring(dot + 1).toUpperCase(java.util.Locale.ROOT));
    }
}
