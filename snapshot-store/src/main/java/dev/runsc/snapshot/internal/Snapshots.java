package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotException.Kind;
import dev.runsc.snapshot.model.SnapshotManifest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Looks snapshots up in an open database. */
public final class Snapshots {
    /** Shortest head of an id that is accepted for the whole. */
    private static final int MIN_PREFIX = 4;

    private static final int ID_DIGITS = 2 * Keys.ID_BYTES;
    private static final int CRC_BYTES = 4;
    private static final int MAX_NAME = 128;

    private Snapshots() {}

    /** Generation of the database, 0 for one without any snapshot yet. */
    public static long generation(Database database) throws SnapshotException {
        byte[] record = database.get(Keys.single(Keys.GENERATION), Integer.BYTES + Long.BYTES);
        if (record == null) {
            return 0;
        }
        if (record.length != Integer.BYTES + Long.BYTES) {
            throw Failures.damaged(database.store(), "its generation record is garbled");
        }
        return ByteBuffer.wrap(record).getLong(Integer.BYTES);
    }

    static byte[] encodeGeneration(long generation) {
        return ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
                .putInt(StoreHead.FORMAT)
                .putLong(generation)
                .array();
    }

    /** Fails when the database has lost changes that the head file knows of. */
    public static void checkNotBehind(Database database, StoreHead head) throws SnapshotException {
        long generation = generation(database);
        if (generation < head.generation()) {
            throw Failures.damaged(
                    database.store(),
                    "its database is at generation "
                            + generation
                            + ", but "
                            + head.generation()
                            + " was reached: the last changes are lost");
        }
    }

    /** The snapshot published last, or null. */
    public static @Nullable SnapshotManifest newest(Database database) throws SnapshotException {
        byte[] id = newestId(database);
        return id == null ? null : load(database, id);
    }

    private static byte @Nullable [] newestId(Database database) throws SnapshotException {
        byte[][] last = database.last(Keys.SEQUENCE);
        return last == null ? null : checkId(database, last[1]);
    }

    /** The number that the next snapshot gets. */
    public static long nextSequence(Database database) throws SnapshotException {
        byte[][] last = database.last(Keys.SEQUENCE);
        return last == null ? 1 : sequenceOf(database, last[0]) + 1;
    }

    private static long sequenceOf(Database database, byte[] key) throws SnapshotException {
        if (key.length != 1 + Long.BYTES) {
            throw Failures.damaged(database.store(), "its list of snapshots is garbled");
        }
        return ByteBuffer.wrap(key).getLong(1);
    }

    /** All snapshots, oldest first. */
    public static List<SnapshotManifest> list(Database database) throws SnapshotException {
        List<byte[]> ids = new ArrayList<>();
        database.scan(
                Keys.single(Keys.SEQUENCE), (key, value) -> ids.add(checkId(database, value)));
        List<SnapshotManifest> manifests = new ArrayList<>(ids.size());
        for (byte[] id : ids) {
            manifests.add(load(database, id));
        }
        return manifests;
    }

    /** Names in use and the ids they point to. */
    public static Map<String, String> names(Database database) throws SnapshotException {
        Map<String, String> names = new TreeMap<>();
        database.scan(
                Keys.single(Keys.NAME),
                (key, value) -> {
                    String name = new String(key, 1, key.length - 1, StandardCharsets.UTF_8);
                    names.put(name, HexFormats.hex(checkId(database, value)));
                    return true;
                });
        return names;
    }

    /** The snapshot with this name, this id, or the only one whose id starts so. */
    public static SnapshotManifest find(Database database, String wanted) throws SnapshotException {
        if (isName(wanted)) {
            byte[] id = database.get(Keys.name(wanted), Keys.ID_BYTES);
            if (id != null) {
                return load(database, checkId(database, id));
            }
        }
        List<byte[]> ids = new ArrayList<>();
        if (wanted.length() >= MIN_PREFIX
                && wanted.length() <= ID_DIGITS
                && HexFormats.isHex(wanted)) {
            byte[] start = HexFormats.parse(wanted.substring(0, wanted.length() & ~1));
            database.scan(
                    Keys.manifest(start),
                    (key, value) -> {
                        byte[] id = checkId(database, Arrays.copyOfRange(key, 1, key.length));
                        if (HexFormats.hex(id).startsWith(wanted)) {
                            ids.add(id);
                        }
                        return ids.size() < 2;
                    });
        }
        return switch (ids.size()) {
            case 0 -> throw notFound(database.store(), wanted);
            case 1 -> load(database, ids.getFirst());
            default ->
                    throw new SnapshotException(
                            Kind.AMBIGUOUS,
                            "several snapshots in " + database.store() + " start with " + wanted);
        };
    }

    public static SnapshotException notFound(Path store, String wanted) {
        return new SnapshotException(Kind.NOT_FOUND, "no snapshot " + wanted + " in " + store);
    }

    /** Letters, digits, dot, dash and underscore; may look like an id, and then goes before it. */
    public static boolean isName(String name) {
        return !name.isEmpty()
                && name.length() <= MAX_NAME
                && name.chars()
                        .allMatch(c ->
                                (c >= 'a' && c <= 'z')
                                        || (c >= 'A' && c <= 'Z')
                                        || (c >= '0' && c <= '9')
                                        || c == '.'
                                        || c == '-'
                                        || c == '_');
    }

    private static byte[] checkId(Database database, byte[] id) throws SnapshotException {
        if (id.length != Keys.ID_BYTES) {
            throw Failures.damaged(database.store(), "the id of a snapshot is garbled");
        }
        return id;
    }

    private static SnapshotManifest load(Database database, byte[] id) throws SnapshotException {
        return ManifestJson.read(database.store(), HexFormats.hex(id), text(database, id));
    }

    /** The manifest's JSON as stored, proved by its checksum. */
    static byte[] text(Database database, byte[] id) throws SnapshotException {
        byte[] record = database.get(Keys.manifest(id), CRC_BYTES + ManifestJson.MAX_BYTES);
        String what = "the manifest of snapshot " + HexFormats.hex(id);
        if (record == null || record.length < CRC_BYTES) {
            throw Failures.damaged(database.store(), what + " is missing");
        }
        byte[] text = Arrays.copyOfRange(record, CRC_BYTES, record.length);
        if (crcOf(text) != ByteBuffer.wrap(record).getInt()) {
            throw Failures.damaged(database.store(), what + " fails its checksum");
        }
        return text;
    }

    static byte[] encodeManifest(byte[] text) {
        return ByteBuffer.allocate(CRC_BYTES + text.length).putInt(crcOf(text)).put(text).array();
    }

    private static int crcOf(byte[] text) {
        CRC32C crc = new CRC32C();
        crc.update(text);
        return (int) crc.getValue();
    }

    /** The id of a manifest: the head of its text's hash. */
    static byte[] idOf(byte[] text) {
        return Arrays.copyOf(new ChunkHash().of(text), Keys.ID_BYTES);
    }
}
