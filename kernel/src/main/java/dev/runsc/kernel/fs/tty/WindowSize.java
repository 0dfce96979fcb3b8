package dev.runsc.kernel.fs.tty;

import dev.runsc.gofer.abi.Winsize;
import dev.runsc.state.Savable;

/** The size of a terminal as it is kept. Guarded by the terminal's lock. */
final class WindowSize implements Savable {
    private int rows;
    private int columns;
    private int xPixels;
    private int yPixels;

    Winsize get() {
        return new Winsize(rows, columns, xPixels, yPixels);
    }

    void set(Winsize size) {
        rows = size.rows();
        columns = size.columns();
        xPixels = size.xPixels();
        yPixels = size.yPixels();
    }
}
