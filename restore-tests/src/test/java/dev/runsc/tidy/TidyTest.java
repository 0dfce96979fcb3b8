package dev.runsc.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Judges the checkout. {@code -Dtidy.lower} lowers the entries of the ratchet list that have become
 * too generous.
 */
class TidyTest {
    private static final Path ROOT = Path.of(System.getProperty("runsc.root", ".."));
    private static final Path RATCHET = ROOT.resolve("restore-tests/tidy-ratchet.txt");

    @Test
    void theCheckoutIsTidy() throws IOException {
        SourceTree tree = SourceTree.read(ROOT.toRealPath());
        assertTrue(tree.paths().contains("pom.xml"), "not the root of the checkout: " + ROOT);
        List<Finding> findings = new ArrayList<>(tree.large());
        findings.addAll(TextRules.check(tree.files()));
        findings.addAll(LengthRules.check(tree.files()));
        findings.addAll(DocRules.check(tree.files(), tree.paths()));
        List<String> lines = Files.readAllLines(RATCHET);
        Ratchet ratchet = Ratchet.parse(lines);
        if (Boolean.getBoolean("tidy.lower") || "".equals(System.getProperty("tidy.lower"))) {
            lines = ratchet.lowered(lines, findings);
            Files.write(RATCHET, lines);
            ratchet = Ratchet.parse(lines);
        }
        assertEquals("", String.join("\n", ratchet.judge(findings)));
    }
}
