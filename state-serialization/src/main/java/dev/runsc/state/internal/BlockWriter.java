package dev.runsc.state.internal;

import com.esotericsoftware.kryo.io.Output;
import java.util.ArrayList;
import java.util.List;

/** One stream of an image in the making: collects objects into blocks. */
public final class BlockWriter {
    /** A block is closed by the object that makes it reach this size. */
    static final int BLOCK_BYTES = 64 * 1024;

    private final Stage stage;
    private final Output out = new Output(BLOCK_BYTES + BLOCK_BYTES / 4, -1);
    private final List<Block> blocks = new ArrayList<>();
    private int firstId;
    private int count;
    private int start;

    public BlockWriter(Stage stage) {
        this.stage = stage;
    }

    /** Where the current object is written. */
    public Output out() {
        return out;
    }

    /** Starts the object with the next higher id. */
    public void begin(int id) {
        if (count == 0) {
            firstId = id;
        }
        start = out.position();
    }

    /** Ends the object and returns the number of bytes it took. */
    public int end() {
        int length = out.position() - start;
        count++;
        if (out.position() >= BLOCK_BYTES) {
            cut();
        }
        return length;
    }

    /** The finished blocks of the stream; nothing may be written afterwards. */
    public List<Block> finish() {
        if (count > 0) {
            cut();
        }
        return blocks;
    }

    private void cut() {
        blocks.add(new Block(stage, firstId, count, out.toBytes()));
        out.reset();
        count = 0;
    }
}
