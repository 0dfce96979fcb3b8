package dev.runsc.tidy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Everything in the checkout that is kept, read once.
 *
 * @param files the text files
 * @param paths every file, also those that are no text
 * @param large files over the limit of size, not read
 */
record SourceTree(List<SourceFile> files, Set<String> paths, List<Finding> large) {
    private static final long LARGEST_BYTES = 512 * 1024;
    private static final Set<String> NOT_KEPT =
            Set.of(".git", "target", ".idea", ".vscode", ".settings");

    static SourceTree read(Path root) throws IOException {
        SourceTree tree =
                new SourceTree(new ArrayList<>(), new java.util.TreeSet<>(), new ArrayList<>());
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path folder, BasicFileAttributes attributes) {
                        boolean kept = !NOT_KEPT.contains(String.valueOf(folder.getFileName()));
                        return kept ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        if (attributes.isRegularFile()) {
                            tree.add(root.relativize(file).toString(), file, attributes.size());
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        return tree;
    }

    private void add(String path, Path file, long sizeBytes) throws IOException {
        paths.add(path);
        if (sizeBytes > LARGEST_BYTES) {
            String message =
                    sizeBytes
                            + " bytes; nothing over "
                            + LARGEST_BYTES
                            + " is kept in the repository";
            large.add(new Finding(path, 0, "large-file", path, 1, message));
            return;
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            files.add(
                    new SourceFile(
                            path, StandardCharsets.UTF_8.newDecoder().decode(bytes).toString()));
        } catch (CharacterCodingException notText) {
            // Binary data is a test's business, not a style's.
        }
    }
}
