package dev.runsc.tidy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Documents that lie: links that lead nowhere, and names of types that do not exist. */
final class DocRules {
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern WORD = Pattern.compile("\\w+");

    /** A name in backticks that can only be a type's: two humps or more, as in {@code RunState}. */
    private static final Pattern TYPE =
            Pattern.compile("`([A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+)(?:[.#(][^`]*)?`");

    private DocRules() {}

    static List<Finding> check(List<SourceFile> files, Set<String> paths) {
        Set<String> words = new HashSet<>();
        Set<String> known = new HashSet<>(paths);
        paths.forEach(path -> addFolders(path, known));
        files.stream()
                .filter(SourceFile::isCode)
                .forEach(file ->
                        WORD.matcher(file.text())
                                .results()
                                .forEach(word -> words.add(word.group())));
        List<Finding> findings = new ArrayList<>();
        files.stream()
                .filter(SourceFile::isDoc)
                .forEach(file -> {
                    int number = 0;
                    for (String line : file.lines()) {
                        number++;
                        links(file, number, line, known, findings);
                        names(file, number, line, words, findings);
                    }
                });
        return findings;
    }

    private static void addFolders(String path, Set<String> known) {
        for (int slash = path.lastIndexOf('/');
                slash > 0;
                slash = path.lastIndexOf('/', slash - 1)) {
            known.add(path.substring(0, slash));
        }
    }

    private static void links(
            SourceFile file, int number, String line, Set<String> known, List<Finding> findings) {
        Matcher link = LINK.matcher(line);
        while (link.find()) {
            String target = link.group(1).replaceFirst("#.*", "");
            if (target.isEmpty() || target.contains(":")) {
                continue;
            }
            String path = Path.of(file.folder()).resolve(target).normalize().toString();
            if (!known.contains(path)) {
                findings.add(
                        Finding.of(file, number, "doc-link", link.group(1) + " leads nowhere"));
            }
        }
    }

    private static void names(
            SourceFile file, int number, String line, Set<String> words, List<Finding> findings) {
        Matcher name = TYPE.matcher(line);
        while (name.find()) {
            if (!words.contains(name.group(1))) {
                findings.add(
                        Finding.of(
                                file,
                                number,
                                "doc-name",
                                "no " + name.group(1) + " in any source"));
            }
        }
    }
}
