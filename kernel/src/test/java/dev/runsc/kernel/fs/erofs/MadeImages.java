package dev.runsc.kernel.fs.erofs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Images that mkfs.erofs (erofs-utils) makes of one tree, in each of the forms it knows. */
final class MadeImages {
    static final List<List<String>> FORMS =
            List.of(
                    List.of(),
                    List.of("-E", "force-inode-extended"),
                    List.of("-E", "force-inode-compact"),
                    List.of("-E", "noinline_data"),
                    List.of("-x", "0"),
                    List.of("--chunksize=4096"),
                    List.of("--chunksize=8192", "-E", "force-chunk-indexes"));

    private MadeImages() {}

    /** One of each form, of a small tree. */
    static List<byte[]> all() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("erofs");
        Path tree = folder.resolve("tree");
        makeTree(tree, 60);
        List<byte[]> images = new ArrayList<>();
        for (List<String> form : FORMS) {
            Path image = folder.resolve("image");
            make(tree, image, form);
            images.add(Files.readAllBytes(image));
            Files.delete(image);
        }
        delete(folder);
        return images;
    }

    static void make(Path tree, Path image, List<String> options)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("mkfs.erofs", "--quiet"));
        words.addAll(options);
        words.addAll(List.of(image.toString(), tree.toString()));
        Process mkfs = new ProcessBuilder(words).redirectErrorStream(true).start();
        mkfs.getOutputStream().close();
        String said = new String(mkfs.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (mkfs.waitFor() != 0) {
            throw new AssertionError(words + ": " + said);
        }
    }

    /** Files of every kind that a test without privileges can make. */
    static void makeTree(Path tree, int names) throws IOException {
        Random random = new Random(7);
        Path many = Files.createDirectories(tree.resolve("many/deep"));
        for (int i = 0; i < names; i++) {
            Files.writeString(many.resolve("a file with a long name, number " + i), "" + i);
        }
        for (int size : new int[] {0, 1, 4095, 4096, 4097, 8192, 20_000, 100_000}) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            Files.write(tree.resolve("size" + size), bytes);
        }
        try (var holes =
                Files.newByteChannel(
                        tree.resolve("holes"),
                        java.nio.file.StandardOpenOption.CREATE,
                        java.nio.file.StandardOpenOption.WRITE)) {
            holes.position(300_000);
            holes.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        }
        Files.createSymbolicLink(tree.resolve("short"), Path.of("many"));
        Files.createSymbolicLink(tree.resolve("long"), Path.of("many/" + "../many/".repeat(500)));
        Files.createLink(tree.resolve("many/hard"), tree.resolve("size1"));
        Path named = tree.resolve("size4097");
        xattr(named, "one", "first");
        xattr(named, "two", "x".repeat(1000));
        xattr(tree.resolve("size8192"), "one", "first");
        xattr(tree.resolve("size20000"), "one", "first");
        xattr(tree.resolve("many"), "of.a.folder", "");
        Files.setLastModifiedTime(named, FileTime.fromMillis(981_173_106_789L));
    }

    private static void xattr(Path file, String name, String value) throws IOException {
        UserDefinedFileAttributeView view =
                Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        view.write(name, ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
    }

    static void delete(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            for (Path each : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
