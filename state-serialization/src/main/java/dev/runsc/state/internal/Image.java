package dev.runsc.state.internal;

import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/** The framing of an image: prefix, directory and blocks. The package comment draws it. */
public final class Image {
    /** Length of magic, format version, directory length and directory checksum. */
    public static final int PREFIX_BYTES = 20;

    /** The one version of the framing and of {@link Wire} that is written and read. */
    public static final int FORMAT_VERSION = 1;

    private static final byte[] MAGIC = "OBJGRAPH".getBytes(StandardCharsets.US_ASCII);
    private static final int CHECKED_PREFIX_BYTES = 16;
    private static final int MAX_DIRECTORY_BYTES = 256 << 20;
    private static final int MAX_NAME_CHARS = 1024;

    /** Read at once without asking whether that many bytes will come. */
    private static final int TRUSTED_BYTES = 1 << 20;

    private Image() {}

    /**
     * What an image holds.
     *
     * @param bytes length of the whole image
     */
    public record Directory(
            int objectCount, int rootId, List<WireType> types, List<BlockInfo> blocks, long bytes) {
        /** Length of all blocks of one stream. */
        public long bytesOf(Stage stage) {
            long sum = 0;
            for (BlockInfo block : blocks) {
                if (block.stage() == stage) {
                    sum += block.length();
                }
            }
            return sum;
        }
    }

    /**
     * Where a block lies.
     *
     * @param offset from the beginning of the image, in bytes
     */
    public record BlockInfo(
            Stage stage, int firstId, int count, int length, int checksum, long offset) {
        /** The block itself, once its bytes are read. */
        public Block withBytes(byte[] bytes) throws FormatException {
            Block block = new Block(stage, firstId, count, bytes);
            if (bytes.length != length || block.checksum() != checksum) {
                throw new FormatException(
                        "damaged image: wrong checksum of the block of "
                                + length
                                + " bytes at offset "
                                + offset);
            }
            return block;
        }
    }

    /** Writes an image and returns its length in bytes. */
    public static long write(
            OutputStream target,
            int objectCount,
            int rootId,
            List<WireType> types,
            List<Block> blocks)
            throws IOException {
        Output out = new Output(4096, -1);
        out.writeVarInt(objectCount, true);
        out.writeVarInt(rootId, true);
        out.writeVarInt(types.size(), true);
        for (WireType type : types) {
            writeType(out, type);
        }
        out.writeVarInt(blocks.size(), true);
        long bytes = 0;
        for (Block block : blocks) {
            out.writeByte(block.stage().ordinal());
            out.writeVarInt(block.firstId(), true);
            out.writeVarInt(block.count(), true);
            out.writeVarInt(block.bytes().length, true);
            out.writeInt(block.checksum());
            bytes += block.bytes().length;
        }
        ByteBuffer prefix = ByteBuffer.allocate(PREFIX_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        prefix.put(MAGIC).putInt(FORMAT_VERSION).putInt(out.position());
        prefix.putInt(checksum(prefix.array(), out.getBuffer(), out.position()));
        target.write(prefix.array());
        target.write(out.getBuffer(), 0, out.position());
        for (Block block : blocks) {
            target.write(block.bytes());
        }
        return PREFIX_BYTES + out.position() + bytes;
    }

    private static void writeType(Output out, WireType type) {
        out.writeByte(type.kind().code());
        Wire.writeText(out, type.name());
        out.writeVarInt(type.version(), true);
        if (type.kind().hasFields()) {
            out.writeVarInt(type.fields().size(), true);
            for (WireType.WireField field : type.fields()) {
                out.writeByte(field.kind().code());
                Wire.writeText(out, field.name());
            }
        } else if (type.kind() == TypeKind.ENUM) {
            out.writeVarInt(type.constants().size(), true);
            for (String constant : type.constants()) {
                Wire.writeText(out, constant);
            }
        }
    }

    private static int checksum(byte[] prefix, byte[] directory, int length) {
        CRC32C sum = new CRC32C();
        sum.update(prefix, 0, CHECKED_PREFIX_BYTES);
        sum.update(directory, 0, length);
        return (int) sum.getValue();
    }

    /**
     * Checks magic and format version and returns the length of the directory that follows.
     *
     * @param prefix the first {@link #PREFIX_BYTES} bytes of an image, or all there are
     */
    public static int directoryLength(byte[] prefix) throws FormatException {
        if (prefix.length < PREFIX_BYTES) {
            throw new FormatException(
                    "not an image of an object graph: only " + prefix.length + " bytes");
        }
        if (!Arrays.equals(prefix, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new FormatException("not an image of an object graph: wrong magic number");
        }
        ByteBuffer fields = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN);
        int version = fields.getInt(MAGIC.length);
        if (version != FORMAT_VERSION) {
            throw new FormatException(
                    "image of format version "
                            + Integer.toUnsignedString(version)
                            + "; this program reads version "
                            + FORMAT_VERSION);
        }
        int length = fields.getInt(MAGIC.length + Integer.BYTES);
        if (length < 0 || length > MAX_DIRECTORY_BYTES) {
            throw new FormatException(
                    "damaged image: directory of " + Integer.toUnsignedString(length) + " bytes");
        }
        return length;
    }

    /** Reads the directory from its bytes and those before it. */
    public static Directory parseDirectory(byte[] prefix, byte[] bytes) throws FormatException {
        int expected = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getInt(16);
        if (checksum(prefix, bytes, bytes.length) != expected) {
            throw new FormatException("damaged image: wrong checksum of the directory");
        }
        try {
            Input in = new Input(bytes);
            int objectCount = Wire.readCount(in, Wire.MAX_ID);
            int rootId = Wire.readCount(in, objectCount - 1);
            int typeCount = Wire.readCountOf(in, 3);
            List<WireType> types = new ArrayList<>(typeCount);
            for (int i = 0; i < typeCount; i++) {
                types.add(parseType(in));
            }
            long offset = PREFIX_BYTES + (long) bytes.length;
            Directory directory = parseBlocks(in, objectCount, rootId, types, offset);
            if (Wire.remaining(in) != 0) {
                throw new FormatException("bytes left over");
            }
            return directory;
        } catch (KryoException overrun) {
            throw new FormatException("damaged image: the directory ends early");
        } catch (FormatException malformed) {
            throw new FormatException("damaged image: directory: " + malformed.reason());
        }
    }

    private static WireType parseType(Input in) throws FormatException {
        int code = in.readByte();
        TypeKind kind = TypeKind.findByCode(code);
        if (kind == null) {
            throw new FormatException("unknown kind of type " + code);
        }
        String name = parseName(in);
        int version = Wire.readCount(in, Integer.MAX_VALUE);
        if (kind.builtinName() != null && (!kind.builtinName().equals(name) || version != 1)) {
            throw new FormatException("type " + name + " cannot be of kind " + kind);
        }
        List<WireType.WireField> fields = new ArrayList<>();
        List<String> constants = new ArrayList<>();
        if (kind.hasFields()) {
            int count = Wire.readCountOf(in, 2);
            for (int i = 0; i < count; i++) {
                FieldKind fieldKind = FieldKind.findByCode(in.readByte());
                if (fieldKind == null) {
                    throw new FormatException("unknown kind of field in type " + name);
                }
                fields.add(new WireType.WireField(parseName(in), fieldKind));
            }
        } else if (kind == TypeKind.ENUM) {
            int count = Wire.readCountOf(in, 1);
            for (int i = 0; i < count; i++) {
                constants.add(parseName(in));
            }
        }
        return new WireType(kind, name, version, List.copyOf(fields), List.copyOf(constants));
    }

    /** Names go into messages and listings, so nothing but letters, digits and a few marks. */
    private static String parseName(Input in) throws FormatException {
        String name = Wire.readText(in);
        if (name.isEmpty() || name.length() > MAX_NAME_CHARS) {
            throw new FormatException("a name of " + name.length() + " characters");
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letter =
                    Character.isJavaIdentifierPart(c) && !Character.isIdentifierIgnorable(c);
            if (!letter && ".-[]".indexOf(c) < 0) {
                throw new FormatException("a name with character " + (int) c);
            }
        }
        return name;
    }

    private static Directory parseBlocks(
            Input in, int objectCount, int rootId, List<WireType> types, long firstOffset)
            throws FormatException {
        int blockCount = Wire.readCountOf(in, 8);
        List<BlockInfo> blocks = new ArrayList<>(blockCount);
        Stage[] stages = Stage.values();
        Stage stage = Stage.OBJECTS;
        long offset = firstOffset;
        int nextId = 0;
        int objects = 0;
        int contents = 0;
        for (int i = 0; i < blockCount; i++) {
            int ordinal = in.readByte();
            int firstId = Wire.readCount(in, objectCount - 1);
            int count = Wire.readCount(in, objectCount);
            int length = Wire.readCount(in, Integer.MAX_VALUE - 8);
            int checksum = in.readInt();
            if (ordinal < stage.ordinal() || ordinal >= stages.length || count == 0) {
                throw new FormatException("block " + i + " is out of order");
            }
            if (ordinal != stage.ordinal()) {
                stage = stages[ordinal];
                nextId = 0;
            }
            if (stage == Stage.OBJECTS) {
                objects += count;
                if (firstId != nextId || count > length || objects > objectCount || objects < 0) {
                    throw new FormatException("block " + i + " has the wrong objects");
                }
            } else {
                contents += count;
                if (firstId < nextId || contents > objectCount || contents < 0) {
                    throw new FormatException("block " + i + " has the wrong contents");
                }
            }
            nextId = firstId + count;
            blocks.add(new BlockInfo(stage, firstId, count, length, checksum, offset));
            offset += length;
        }
        if (objects != objectCount) {
            throw new FormatException(
                    objectCount + " objects announced, " + objects + " in the blocks");
        }
        return new Directory(objectCount, rootId, List.copyOf(types), List.copyOf(blocks), offset);
    }

    /**
     * Reads {@code length} bytes. Memory is taken as bytes arrive, so that a false length costs
     * nothing.
     */
    public static byte[] readFully(InputStream source, int length)
            throws IOException, FormatException {
        byte[] bytes;
        int read;
        if (length <= TRUSTED_BYTES) {
            bytes = new byte[length];
            read = source.readNBytes(bytes, 0, length);
        } else {
            bytes = source.readNBytes(length);
            read = bytes.length;
        }
        if (read < length) {
            throw new FormatException(
                    "damaged image: it ends " + (length - read) + " bytes early or more");
        }
        return bytes;
    }

    /** Reads the prefix; what is missing shows in its length. */
    public static byte[] readPrefix(InputStream source) throws IOException {
        return source.readNBytes(PREFIX_BYTES);
    }
}
