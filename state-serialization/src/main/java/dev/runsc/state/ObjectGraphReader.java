package dev.runsc.state;

import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.io.Input;
import dev.runsc.state.internal.FormatException;
import dev.runsc.state.internal.Image;
import dev.runsc.state.internal.Stage;
import dev.runsc.state.internal.TypeKind;
import dev.runsc.state.internal.Wire;
import dev.runsc.state.internal.WireType;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Shows an image without the classes that wrote it. Reads the directory at once and after that only
 * the blocks it is asked about, so that one object of a large image costs little. Input is treated
 * as hostile, as by {@link ObjectGraph#load}. Not safe for use by several threads.
 */
public final class ObjectGraphReader {
    /** Opened blocks that are kept. One covers a few thousand objects. */
    private static final int CACHED_BLOCKS = 64;

    private final ImageSource source;
    private final Image.Directory directory;
    private final Map<Long, OpenBlock> cache =
            new LinkedHashMap<>(CACHED_BLOCKS, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, OpenBlock> eldest) {
                    return size() > CACHED_BLOCKS;
                }
            };

    /**
     * A type of the image.
     *
     * @param kind how it is written, for example {@code CLASS} or {@code HASH_MAP}
     * @param fields names of the fields or enum constants
     */
    public record TypeInfo(String name, int version, String kind, List<String> fields) {}

    /** One object: its parts by name, or its text as the only part, called "value". */
    public record ObjectInfo(int id, String type, int version, List<FieldInfo> fields) {}

    /**
     * A field, element or entry as text. References to strings and enum constants show what they
     * refer to, others the id and type: {@code #12 task.Task}.
     */
    public record FieldInfo(String name, String value) {}

    /**
     * A block whose objects have been found.
     *
     * @param ids of the objects
     * @param types index in the type table, for each of them
     * @param offsets where the data of each begins
     */
    private record OpenBlock(byte[] bytes, int[] ids, int[] types, int[] offsets) {
        int find(int id) {
            return Arrays.binarySearch(ids, id);
        }

        Input inputAt(int index) {
            Input in = new Input(bytes);
            in.setPosition(offsets[index]);
            return in;
        }
    }

    private ObjectGraphReader(ImageSource source, Image.Directory directory) {
        this.source = source;
        this.directory = directory;
    }

    public static ObjectGraphReader open(byte[] image) throws StateException, IOException {
        return open(ImageSource.of(image));
    }

    public static ObjectGraphReader open(ImageSource source) throws StateException, IOException {
        try {
            long size = source.size();
            byte[] prefix = new byte[(int) Math.min(size, Image.PREFIX_BYTES)];
            source.readFully(0, prefix);
            int length = Image.directoryLength(prefix);
            if (length > size - Image.PREFIX_BYTES) {
                throw new FormatException("damaged image: it ends within the directory");
            }
            byte[] bytes = new byte[length];
            source.readFully(Image.PREFIX_BYTES, bytes);
            Image.Directory directory = Image.parseDirectory(prefix, bytes);
            if (directory.bytes() > size) {
                throw new FormatException(
                        "damaged image: it ends " + (directory.bytes() - size) + " bytes early");
            }
            return new ObjectGraphReader(source, directory);
        } catch (FormatException malformed) {
            throw new StateException(malformed.reason());
        } catch (EOFException shrunk) {
            throw new StateException("damaged image: it ends early", shrunk);
        }
    }

    /** Number of objects; their ids are all numbers below it. */
    public int objectCount() {
        return directory.objectCount();
    }

    public int rootId() {
        return directory.rootId();
    }

    /** Length of the image in bytes. */
    public long bytes() {
        return directory.bytes();
    }

    public List<TypeInfo> types() {
        List<TypeInfo> types = new ArrayList<>();
        for (WireType type : directory.types()) {
            List<String> names = new ArrayList<>(type.constants());
            type.fields().forEach(field -> names.add(field.name()));
            types.add(new TypeInfo(type.name(), type.version(), type.kind().name(), names));
        }
        return types;
    }

    /** Name of an object's type. */
    public String typeOf(int id) throws StateException, IOException {
        Objects.checkIndex(id, objectCount());
        try {
            return wireTypeOf(id).name();
        } catch (FormatException | KryoException malformed) {
            throw damaged(id, malformed);
        }
    }

    /** Reads one object. */
    public ObjectInfo read(int id) throws StateException, IOException {
        Objects.checkIndex(id, objectCount());
        try {
            WireType type = wireTypeOf(id);
            Parts parts = new Parts(type);
            parts.read(contentsOf(id, type), extraOf(id, type));
            List<FieldInfo> fields = new ArrayList<>(parts.count());
            for (int i = 0; i < parts.count(); i++) {
                fields.add(new FieldInfo(label(parts, i), text(parts.value(i))));
            }
            if (parts.omitted() > 0) {
                fields.add(new FieldInfo("...", parts.omitted() + " more"));
            }
            return new ObjectInfo(id, type.name(), type.version(), List.copyOf(fields));
        } catch (FormatException | KryoException malformed) {
            throw damaged(id, malformed);
        }
    }

    /** Checks every block of the image against its checksum and structure. */
    public void verify() throws StateException, IOException {
        for (Image.BlockInfo info : directory.blocks()) {
            try {
                openBlock(info);
            } catch (FormatException | KryoException malformed) {
                throw damaged(info.firstId(), malformed);
            }
        }
    }

    private String label(Parts parts, int index) throws FormatException, IOException {
        Object key = parts.key(index);
        return key instanceof String name ? name : "[" + text(key) + "]";
    }

    /** The text of a part: a reference is looked up, all else is text already. */
    private String text(@Nullable Object part) throws FormatException, IOException {
        if (part instanceof Parts.Constant(int type, int constant)) {
            if (type >= directory.types().size()) {
                throw new FormatException("type " + type + " of " + directory.types().size());
            }
            return constantText(directory.types().get(type), constant);
        }
        if (!(part instanceof Parts.Reference reference)) {
            return String.valueOf(part);
        }
        WireType type = wireTypeOf(reference.id());
        if (type.kind() == TypeKind.STRING) {
            return Parts.quote(Wire.readText(contentsOf(reference.id(), type)));
        }
        if (type.kind() == TypeKind.ENUM) {
            return constantText(type, contentsOf(reference.id(), type).readVarInt(true));
        }
        return "#" + reference.id() + " " + type.name();
    }

    private static String constantText(WireType type, int constant) throws FormatException {
        return type.name() + "." + Parts.constantName(type, constant);
    }

    private WireType wireTypeOf(int id) throws FormatException, IOException {
        if (id < 0 || id >= objectCount()) {
            throw new FormatException("a reference to object " + id + " of " + objectCount());
        }
        OpenBlock block = openBlock(Stage.OBJECTS, id);
        return directory.types().get(block.types[block.find(id)]);
    }

    /** The number that follows the type in the object stream, for kinds that have one. */
    private int extraOf(int id, WireType type) throws FormatException, IOException {
        if (type.kind() != TypeKind.OBJECT_ARRAY) {
            return 0;
        }
        OpenBlock block = openBlock(Stage.OBJECTS, id);
        return Wire.readCount(block.inputAt(block.find(id)), Integer.MAX_VALUE - 8);
    }

    private Input contentsOf(int id, WireType type) throws FormatException, IOException {
        OpenBlock block = openBlock(type.kind().stage(), id);
        int index = block.find(id);
        if (index < 0) {
            throw new FormatException("its contents are missing");
        }
        return block.inputAt(index);
    }

    private OpenBlock openBlock(Stage stage, int id) throws FormatException, IOException {
        List<Image.BlockInfo> blocks = directory.blocks();
        // blocks are sorted by stream, then by id: find the last that does not begin beyond
        int low = 0;
        int high = blocks.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            Image.BlockInfo info = blocks.get(middle);
            int order = info.stage().compareTo(stage);
            if (order < 0 || order == 0 && info.firstId() <= id) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low == 0 || blocks.get(low - 1).stage() != stage) {
            throw new FormatException("its contents are missing");
        }
        return openBlock(blocks.get(low - 1));
    }

    private OpenBlock openBlock(Image.BlockInfo info) throws FormatException, IOException {
        OpenBlock block = cache.get(info.offset());
        if (block == null) {
            byte[] bytes = new byte[info.length()];
            source.readFully(info.offset(), bytes);
            info.withBytes(bytes);
            block =
                    info.stage() == Stage.OBJECTS
                            ? openObjects(info, bytes)
                            : openContents(info, bytes);
            cache.put(info.offset(), block);
        }
        return block;
    }

    private OpenBlock openObjects(Image.BlockInfo info, byte[] bytes) throws FormatException {
        int count = info.count();
        OpenBlock block = new OpenBlock(bytes, new int[count], new int[count], new int[count]);
        Input in = new Input(bytes);
        for (int i = 0; i < count; i++) {
            block.ids[i] = info.firstId() + i;
            block.types[i] = Wire.readCount(in, directory.types().size() - 1);
            block.offsets[i] = in.position();
            WireType type = directory.types().get(block.types[i]);
            if (type.kind().isValue()) {
                Parts.skip(in, type, 0);
            } else if (type.kind() == TypeKind.OBJECT_ARRAY || type.kind() == TypeKind.ENUM_MAP) {
                Wire.readCount(in, Integer.MAX_VALUE - 8);
            }
        }
        checkEnd(in);
        return block;
    }

    private OpenBlock openContents(Image.BlockInfo info, byte[] bytes)
            throws FormatException, IOException {
        int count = info.count();
        OpenBlock block = new OpenBlock(bytes, new int[count], new int[count], new int[count]);
        Input in = new Input(bytes);
        int id = info.firstId();
        for (int i = 0; i < count; i++) {
            WireType type = wireTypeOf(id);
            while (type.kind().stage() != info.stage()) {
                type = wireTypeOf(++id);
            }
            block.ids[i] = id;
            block.offsets[i] = in.position();
            Parts.skip(in, type, extraOf(id, type));
            id++;
        }
        checkEnd(in);
        return block;
    }

    private static void checkEnd(Input in) throws FormatException {
        if (Wire.remaining(in) != 0) {
            throw new FormatException(Wire.remaining(in) + " bytes left over in a block");
        }
    }

    private static StateException damaged(int id, Exception malformed) {
        String reason =
                malformed instanceof FormatException format
                        ? format.reason()
                        : "its data ends early";
        String text = "damaged image: object " + id + ": " + reason;
        return new StateException(reason.startsWith("damaged image") ? reason : text, malformed);
    }
}
