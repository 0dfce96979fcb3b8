package dev.runsc.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Copies of a snapshot store, one after the other, each with one file flipped in a bit or cut. */
final class DamagedStores {
    private static final long SEED = Long.getLong("seed", 1);

    private final Random random = new Random(SEED);
    private final Path good;
    private final Path copy;
    private final Iterator<Path> names;
    private Path name = Path.of("");
    private boolean cut = true;

    /**
     * @param copy where each copy will be
     */
    DamagedStores(Path good, Path copy) throws IOException {
        this.good = good;
        this.copy = copy;
        this.names = dataFiles(good).iterator();
    }

    /** Makes the next; false when there is none. */
    boolean next() throws IOException {
        if (cut && !names.hasNext()) {
            return false;
        }
        cut = !cut;
        if (!cut) {
            name = names.next();
        }
        copy();
        damage(copy.resolve(name));
        return true;
    }

    Path store() {
        return copy;
    }

    @Override
    public String toString() {
        return "-Dseed=" + SEED + ": " + name + (cut ? " cut" : " flipped");
    }

    private static List<Path> dataFiles(Path store) throws IOException {
        try (Stream<Path> files = Files.walk(store)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.toFile().length() > 0)
                    .map(store::relativize)
                    .filter(name -> !name.endsWith("LOG")) // prose
                    .sorted()
                    .toList();
        }
    }

    private void damage(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int at = random.nextInt(bytes.length);
        if (cut) {
            bytes = Arrays.copyOf(bytes, at);
        } else {
            bytes[at] ^= (byte) (1 << random.nextInt(8));
        }
        Files.write(file, bytes);
    }

    private void copy() throws IOException {
        if (Files.exists(copy)) {
            try (Stream<Path> files = Files.walk(copy)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        try (Stream<Path> files = Files.walk(good)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(good.relativize(file)));
            }
        }
    }
}
