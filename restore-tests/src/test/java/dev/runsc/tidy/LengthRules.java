package dev.runsc.tidy;

import com.sun.source.tree.BlockTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Files of at most 600 lines, methods and C functions of at most 60. */
final class LengthRules {
    static final int FILE_LINES = 600;
    static final int METHOD_LINES = 60;

    private static final Pattern C_FUNCTION =
            Pattern.compile("^(?!struct |union |enum |typedef )\\w[^=;]*\\(.*");
    private static final Pattern C_NAME = Pattern.compile("(\\w+)\\(");

    private LengthRules() {}

    static List<Finding> check(List<SourceFile> files) throws IOException {
        List<Finding> findings = new ArrayList<>();
        List<SourceFile> java = new ArrayList<>();
        for (SourceFile file : files) {
            if (!file.isJava() && !file.isC() && !file.isShell()) {
                continue;
            }
            int length = file.lines().size();
            if (length > FILE_LINES) {
                String message = length + " lines; at most " + FILE_LINES;
                findings.add(
                        new Finding(
                                file.path(), length, "file-length", file.path(), length, message));
            }
            if (file.isJava()) {
                java.add(file);
            } else if (file.isC()) {
                functions(file, findings);
            }
        }
        methods(java, findings);
        return findings;
    }

    private static void methods(List<SourceFile> files, List<Finding> findings) throws IOException {
        if (files.isEmpty()) {
            return;
        }
        List<Source> sources = files.stream().map(Source::new).toList();
        JavacTask task =
                (JavacTask)
                        ToolProvider.getSystemJavaCompiler()
                                .getTask(
                                        null,
                                        null,
                                        problem -> {},
                                        List.of("-proc:none"),
                                        null,
                                        sources);
        SourcePositions positions = Trees.instance(task).getSourcePositions();
        for (CompilationUnitTree unit : task.parse()) {
            new MethodScanner(unit, positions, findings).scan(unit, null);
        }
    }

    /**
     * A function is what starts in column 0 with a name and a parenthesis and ends with a brace in
     * column 0.
     */
    private static void functions(SourceFile file, List<Finding> findings) {
        String name = null;
        int start = 0;
        int number = 0;
        for (String line : file.lines()) {
            number++;
            if (name == null && C_FUNCTION.matcher(line).matches()) {
                var names = C_NAME.matcher(line);
                name = names.find() ? names.group(1) : "unnamed";
                start = number;
            }
            if (name != null
                    && (line.startsWith("}") || line.endsWith(";") && !line.startsWith(" "))) {
                addIfLong(findings, file.path(), name, start, number);
                name = null;
            }
        }
    }

    private static void addIfLong(
            List<Finding> findings, String path, String name, int start, int end) {
        int length = end - start + 1;
        if (length > METHOD_LINES) {
            String message = name + " has " + length + " lines; at most " + METHOD_LINES;
            findings.add(
                    new Finding(path, start, "method-length", path + "#" + name, length, message));
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final SourceFile file;

        Source(SourceFile file) {
            super(
                    URI.create("file:///" + file.path().replace(" ", "%20")),
                    JavaFileObject.Kind.SOURCE);
            this.file = file;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return file.text();
        }
    }

    private static final class MethodScanner
            extends TreePathScanner<@Nullable Void, @Nullable Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<Finding> findings;

        MethodScanner(CompilationUnitTree unit, SourcePositions positions, List<Finding> findings) {
            this.unit = unit;
            this.positions = positions;
            this.findings = findings;
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void none) {
            if (method.getBody() != null) {
                measure(method, method.getName().toString());
            }
            return super.visitMethod(method, null);
        }

        @Override
        public @Nullable Void visitBlock(BlockTree block, @Nullable Void none) {
            if (getCurrentPath().getParentPath().getLeaf() instanceof ClassTree) {
                measure(block, "<initializer>");
            }
            return super.visitBlock(block, null);
        }

        private void measure(Tree tree, String name) {
            String path = unit.getSourceFile().toUri().getPath().substring(1);
            long start = positions.getStartPosition(unit, tree);
            long end = positions.getEndPosition(unit, tree);
            if (start >= 0 && end >= 0) {
                int first = (int) unit.getLineMap().getLineNumber(start);
                addIfLong(findings, path, name, first, (int) unit.getLineMap().getLineNumber(end));
            }
        }
    }
}
