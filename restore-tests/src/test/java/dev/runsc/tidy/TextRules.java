package dev.runsc.tidy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Rules about words and the form of lines, one row each. */
final class TextRules {
    /**
     * A text that must not stand in some files.
     *
     * @param rule short name
     * @param banned found anywhere in a line
     * @param where the files the rule is about
     * @param wanted what to do instead
     */
    private record Banned(
            String rule, Pattern banned, Predicate<SourceFile> where, String wanted) {}

    private static final List<Banned> ROWS =
            List.of(
                    row(
                            "todo-issue",
                            "\\b(TODO|FIXME|XXX|HACK)\\b(?!\\(#\\d+\\))",
                            SourceFile::isCode,
                            "name the issue, as in TODO(#12), or do it"),
                    row(
                            "no-sleep",
                            "\\bThread\\.sleep\\(|\\bTimeUnit\\.\\w+\\.sleep\\(",
                            SourceFile::isJava,
                            "wait for the event itself: a latch, a wait queue, a descriptor"),
                    row(
                            "no-console",
                            "\\bSystem\\.(out|err)\\b|\\.printStackTrace\\(\\)",
                            file -> file.isMainJava() && !file.path().startsWith("runtime-cli/"),
                            "only the command line prints; throw, return or log it"),
                    row(
                            "owned-threads",
                            "\\bnew Thread\\(|\\bThread\\.of(Platform|Virtual)\\(",
                            file ->
                                    file.isKernel()
                                            && !file.isKernelPackage("fs.host")
                                            && !file.isKernelPackage("fs.tty")
                                            && !file.isKernelPackage("memory")
                                            && !file.isKernelPackage("platform")
                                            && !file.isKernelPackage("task")
                                            && !file.isKernelPackage("time"),
                            "only fs.host, fs.tty, memory, platform, task and time start threads"),
                    row(
                            "no-pools",
                            "\\bExecutors\\.|\\bstartVirtualThread\\(|\\bCompletableFuture\\b|\\bForkJoinPool\\b",
                            SourceFile::isKernel,
                            "kernel work runs in the thread of a task, or in one that can be stopped"),
                    row(
                            "ranked-locks",
                            "\\bsynchronized\\b|\\bnew (Reentrant(ReadWrite)?|Stamped)Lock\\(",
                            file -> file.isKernel() && !file.isKernelPackage("sync"),
                            "KernelLock with its LockClass, so that the order of locks is checked"),
                    row(
                            "no-java-serialization",
                            "\\bimport java\\.io\\.(Serializable|ObjectInputStream|ObjectOutputStream)\\b",
                            SourceFile::isJava,
                            "state goes through dev.runsc.state"),
                    row(
                            "no-skip",
                            "@Disabled\\b|\\bAssumptions\\b|\\bassume(True|False|That)\\(",
                            file -> file.isJava() && !file.text().contains("runsc.notRunnable"),
                            "list a gap in known-gaps.txt; what cannot run here goes to the file runsc.notRunnable"),
                    row(
                            "machine-path",
                            "/work/(main|team|shared)|temurin-25-jdk|/root/\\.m2",
                            file -> true,
                            "paths of one machine have no place here"));

    private static final Predicate<String> ENDS_WITH_BLANK =
            Pattern.compile("[ \\t\\r]$").asPredicate();

    private TextRules() {}

    private static Banned row(
            String rule, String banned, Predicate<SourceFile> where, String wanted) {
        return new Banned(rule, Pattern.compile(banned), where, wanted);
    }

    static List<Finding> check(List<SourceFile> files) {
        List<Finding> findings = new ArrayList<>();
        for (SourceFile file : files) {
            // These rules name what they ban.
            if (!file.path().contains("/dev/runsc/tidy/")) {
                words(file, findings);
            }
            if (file.isCode() || file.isDoc()) {
                form(file, findings);
            }
        }
        packageInfo(files, findings);
        return findings;
    }

    private static void words(SourceFile file, List<Finding> findings) {
        for (Banned row : ROWS) {
            if (!row.where().test(file)) {
                continue;
            }
            int number = 0;
            for (String line : file.lines()) {
                number++;
                if (row.banned().matcher(line).find()) {
                    findings.add(Finding.of(file, number, row.rule(), row.wanted()));
                }
            }
        }
    }

    private static void form(SourceFile file, List<Finding> findings) {
        int number = 0;
        for (String line : file.lines()) {
            number++;
            if (ENDS_WITH_BLANK.test(line)) {
                findings.add(Finding.of(file, number, "line-form", "a blank ends the line"));
            }
            // Text blocks of Java and here-documents of shells may need one.
            boolean mayHaveTabs =
                    file.isJava() || file.name().equals("Makefile") || file.name().endsWith(".sh");
            if (line.contains("\t") && !mayHaveTabs) {
                findings.add(Finding.of(file, number, "line-form", "a tab; indent with spaces"));
            }
        }
        if (!file.text().isEmpty() && !file.text().endsWith("\n")) {
            findings.add(Finding.of(file, number, "line-form", "the last line does not end"));
        }
    }

    private static void packageInfo(List<SourceFile> files, List<Finding> findings) {
        Set<String> explained = new HashSet<>();
        files.stream()
                .filter(file -> file.name().equals("package-info.java"))
                .forEach(file -> explained.add(file.folder()));
        files.stream()
                .filter(file -> file.isMainJava() && !explained.contains(file.folder()))
                .map(SourceFile::folder)
                .distinct()
                .forEach(folder ->
                        findings.add(
                                new Finding(
                                        folder + "/package-info.java",
                                        0,
                                        "package-info",
                                        folder,
                                        1,
                                        "missing: what it is, main types, callers, locks, what it saves")));
    }
}
