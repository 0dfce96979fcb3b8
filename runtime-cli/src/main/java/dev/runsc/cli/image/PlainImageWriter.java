package dev.runsc.cli.image;

import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.wire.SpecCodec;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.FdOutput;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.ContainerSpec;
import java.io.DataOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Writes an image into two files, for clients of a sandbox that have no store. {@code restore} and
 * {@code --fs-restore-image-path} take a folder that has them under the names below.
 *
 * <pre>
 *   checkpoint.img:  magic(8) graph ranges JSON tail
 *     range:         offset(8) length(8), of a piece of memory; they rise
 *     tail:          magic(8) format(4) count of ranges(4) length of JSON(4)
 *                    SHA-256(32) of the ranges, the JSON and the tail before it
 *   pages.img:       each piece of memory where the memory file has it, holes between
 * </pre>
 *
 * The JSON has the hashes of the graph and of the pieces of memory, one after the other.
 */
public final class PlainImageWriter {
    /** What restores look for. */
    public static final String GRAPH_NAME = "checkpoint.img";

    public static final String MEMORY_NAME = "pages.img";

    static final long MAGIC = 0x72756e7363696d67L; // "runscimg"
    static final int FORMAT = 1;
    static final int HEAD_BYTES = Long.BYTES;
    static final int RANGE_BYTES = 2 * Long.BYTES;
    static final int HASH_BYTES = 32;
    static final int TAIL_BYTES = Long.BYTES + 3 * Integer.BYTES + HASH_BYTES;

    private static final int PIECE_BYTES = 1 << 20;

    private final HostFd memoryFile;
    private final FdOutput out;
    private final MessageDigest ofGraph = newDigest();
    private final MessageDigest ofMemory = newDigest();
    private long[] ranges = new long[0];
    private long memoryBytes;

    /**
     * What an image says of itself besides.
     *
     * @param files whether it is of file systems alone
     * @param containers none for file systems
     * @param hook the program around saves as {@link HookRequest#json} has it; null for none
     */
    public record Facts(
            boolean files, Collection<ContainerSpec> containers, @Nullable String hook) {}

    /**
     * @param graphFile empty; written from its position, which is its beginning
     * @param memoryFile empty
     */
    public PlainImageWriter(HostFd graphFile, HostFd memoryFile) {
        this.memoryFile = memoryFile;
        this.out = new FdOutput(graphFile);
    }

    static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    /** Takes the object graph, or the records of file systems; its end ends nothing else. */
    public OutputStream graph() throws IOException {
        new DataOutputStream(out).writeLong(MAGIC);
        return new FilterOutputStream(new DigestOutputStream(out, ofGraph)) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                super.out.write(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                flush();
            }
        };
    }

    /**
     * Copies memory.
     *
     * @param pieces offset and length of each, rising
     */
    public void memory(HostFd memory, long[] pieces) throws IOException, ErrnoException {
        ranges = pieces;
        memoryBytes = HostFiles.fstat(memory.number()).size();
        HostFiles.ftruncate(memoryFile.number(), memoryBytes);
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
        for (int i = 0; i < pieces.length; i += 2) {
            long at = pieces[i];
            long end = at + pieces[i + 1];
            while (at < end) {
                piece.clear().limit((int) Math.min(PIECE_BYTES, end - at));
                if (HostFiles.pread(memory.number(), piece, at) == 0) {
                    throw new IOException("the memory file ends early");
                }
                ofMemory.update(piece.flip());
                piece.rewind();
                while (piece.hasRemaining()) {
                    at += HostFiles.pwrite(memoryFile.number(), piece, at);
                }
            }
        }
    }

    /** Writes the rest. The files are not yet durable. */
    public void finish(Facts facts) throws IOException {
        MessageDigest digest = newDigest();
        DataOutputStream rest = new DataOutputStream(new DigestOutputStream(out, digest));
        for (long number : ranges) {
            rest.writeLong(number);
        }
        byte[] json = json(facts).getBytes(StandardCharsets.UTF_8);
        rest.write(json);
        rest.writeLong(MAGIC);
        rest.writeInt(FORMAT);
        rest.writeInt(ranges.length / 2);
        rest.writeInt(json.length);
        out.write(digest.digest());
        out.flush();
    }

    private String json(Facts facts) throws IOException {
        JsonText json = new JsonText().beginObject();
        json.field("memoryBytes", memoryBytes);
        json.field("graphSha256", HexFormat.of().formatHex(ofGraph.digest()));
        json.field("memorySha256", HexFormat.of().formatHex(ofMemory.digest()));
        if (facts.files) {
            json.field(ImageFiles.CONTENT, ImageFiles.FILE_SYSTEMS);
            return json.endObject().text();
        }
        json.field("network", ImageFiles.NETWORK);
        json.field("cpuFeatures", CpuFeatures.ofHost());
        json.name("containers").beginArray();
        for (ContainerSpec spec : facts.containers) {
            SpecCodec.write(json, spec);
        }
        json.endArray();
        if (facts.hook != null) {
            json.name(ImageFiles.HOOK).raw(facts.hook);
        }
        return json.endObject().text();
    }
}
