package dev.runsc.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plants each fault that the tidy test claims to find, and something close to it that is none. */
class TidyRulesTest {
    private static final String KERNEL = "kernel/src/main/java/dev/runsc/kernel/";
    private static final SourceFile EXPLAINED =
            new SourceFile(KERNEL + "vfs/package-info.java", "\n");

    @Test
    void wordsAreBannedWhereTheRuleSays() {
        assertEquals(List.of("todo-issue"), rules("// TODO later\n// TODO(#12) known\n"));
        assertEquals(List.of("no-sleep"), rules("Thread.sleep(1);\nThread.yield();\n"));
        assertEquals(List.of("no-console"), rules("System.out.println();\nSystem.nanoTime();\n"));
        assertEquals(
                List.of("owned-threads"), rules("new Thread(this);\nnew ThreadGroup(this);\n"));
        assertEquals(List.of("no-pools"), rules("Executors.newCachedThreadPool();\n"));
        assertEquals(
                List.of("ranked-locks"),
                rules("synchronized (this) {\nnew KernelLock(LockClass.TASK);\n"));
        assertEquals(List.of("no-skip"), rules("@Disabled\n@Test\n"));
        assertEquals(
                List.of("machine-path"), rules("open(\"/work/" + "main/x\");\n/workshop/main\n"));
    }

    @Test
    void wordsAreFreeElsewhere() {
        SourceFile task = new SourceFile(KERNEL + "task/A.java", "new Thread(this);\n");
        SourceFile locks = new SourceFile(KERNEL + "sync/A.java", "synchronized (this) {\n");
        SourceFile test = new SourceFile("gofer/src/test/java/A.java", "System.out.println(1);\n");
        SourceFile counted =
                new SourceFile(
                        "gofer/src/test/java/B.java", "assumeTrue(a); // runsc.notRunnable\n");
        assertEquals(
                List.of("package-info", "package-info"),
                names(TextRules.check(List.of(task, locks, test, counted))));
    }

    @Test
    void linesHaveAForm() {
        assertEquals(List.of("line-form"), rules("int a; \n"));
        SourceFile tab = new SourceFile("x/a.c", "\tint a;\n");
        assertEquals(List.of("line-form"), names(TextRules.check(List.of(tab))));
        assertEquals(List.of("line-form"), rules("int a;"));
        assertEquals(
                List.of(),
                names(TextRules.check(List.of(new SourceFile("x/Makefile", "a:\n\tb\n")))));
        assertEquals(
                List.of(), names(TextRules.check(List.of(new SourceFile("x/golden.txt", "a \n")))));
    }

    @Test
    void packagesAreExplained() {
        SourceFile alone = new SourceFile(KERNEL + "vfs/A.java", "\n");
        assertEquals(List.of("package-info"), names(TextRules.check(List.of(alone))));
        assertEquals(List.of(), names(TextRules.check(List.of(alone, EXPLAINED))));
    }

    @Test
    void filesAndMethodsHaveALength() throws IOException {
        assertEquals(List.of(), length("A.java", javaMethod(LengthRules.METHOD_LINES)));
        assertEquals(List.of("method-length x/A.java#a 61"), length("A.java", javaMethod(61)));
        assertEquals(List.of("method-length x/a.c#run 61"), length("a.c", cFunction(61)));
        assertEquals(List.of(), length("a.c", cFunction(60)));
        assertEquals(
                List.of(),
                length("a.c", "int run(int a);\n" + "struct a {\n" + lines(70) + "};\n"));
        assertEquals(List.of("file-length x/a.h 601"), length("a.h", lines(601)));
        assertEquals(List.of(), length("a.txt", lines(601)));
    }

    @Test
    void anInitializerIsAMethodToo() throws IOException {
        String text = "class A {\n    static {\n" + lines(59) + "    }\n}\n";
        assertEquals(List.of("method-length x/A.java#<initializer> 61"), length("A.java", text));
    }

    @Test
    void documentsTellTheTruth() {
        SourceFile source = new SourceFile("a/RunState.java", "class RunState {}\n");
        SourceFile doc =
                new SourceFile(
                        "docs/A.md",
                        "See [b](B.md#part), [c](../a/RunState.java), [d](../a), [web](https://example.org)\n"
                                + "and `RunState.next()`, `LostState`, `plain`, `O_CLOEXEC`, [e](C.md).\n");
        List<Finding> findings =
                DocRules.check(
                        List.of(source, doc), Set.of("docs/A.md", "docs/B.md", "a/RunState.java"));
        assertEquals(
                List.of(
                        "docs/A.md:2: doc-link: C.md leads nowhere",
                        "docs/A.md:2: doc-name: no LostState in any source"),
                findings.stream().map(Finding::toString).toList());
    }

    @Test
    void theRatchetOnlyShrinks() {
        List<Finding> findings =
                List.of(finding("a", 70), finding("b", 61), finding("b", 61), finding("c", 80));
        List<String> lines = List.of("# reason", "r a 70", "r b 130", "r d 65");
        Ratchet ratchet = Ratchet.parse(lines);
        assertEquals(
                List.of(
                        "c:1: r: m",
                        "tidy-ratchet.txt: lower r b from 130 to 122",
                        "tidy-ratchet.txt: remove, nothing left of it: r d"),
                ratchet.judge(findings));
        assertEquals(List.of("# reason", "r a 70", "r b 122"), ratchet.lowered(lines, findings));
        assertEquals(
                List.of("more than tidy-ratchet.txt allows: r a is 71, was 70", "  a:1: r: m"),
                Ratchet.parse(List.of("r a 70")).judge(List.of(finding("a", 71))));
        assertThrows(IllegalArgumentException.class, () -> Ratchet.parse(List.of("r a")));
    }

    @Test
    void theTreeLeavesOutWhatIsBuilt(@TempDir Path root) throws IOException {
        Files.createDirectories(root.resolve("m/target"));
        Files.createDirectories(root.resolve(".git"));
        Files.writeString(root.resolve("m/target/A.java"), "");
        Files.writeString(root.resolve(".git/config"), "");
        Files.writeString(root.resolve("m/A.java"), "é\n");
        Files.write(root.resolve("m/binary"), new byte[] {(byte) 0xff, 0});
        Files.write(root.resolve("m/large"), new byte[600 * 1024]);
        SourceTree tree = SourceTree.read(root);
        assertEquals(Set.of("m/A.java", "m/binary", "m/large"), tree.paths());
        assertEquals(List.of(new SourceFile("m/A.java", "é\n")), tree.files());
        assertEquals(List.of("large-file"), names(tree.large()));
    }

    private static List<String> rules(String text) {
        return names(
                TextRules.check(List.of(EXPLAINED, new SourceFile(KERNEL + "vfs/A.java", text))));
    }

    private static List<String> names(List<Finding> findings) {
        return findings.stream().map(Finding::rule).toList();
    }

    private static List<String> length(String name, String text) throws IOException {
        return LengthRules.check(List.of(new SourceFile("x/" + name, text))).stream()
                .map(finding -> finding.key() + " " + finding.weight())
                .toList();
    }

    private static String javaMethod(int length) {
        return "class A {\n    void a() {\n" + lines(length - 2) + "    }\n}\n";
    }

    private static String cFunction(int length) {
        return "static int run(int a, int b) {\n" + lines(length - 2) + "}\n";
    }

    private static String lines(int count) {
        return String.join("", Stream.generate(() -> "\n").limit(count).toList());
    }

    private static Finding finding(String subject, int weight) {
        return new Finding(subject, 1, "r", subject, weight, "m");
    }
}
