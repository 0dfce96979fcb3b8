package dev.runsc.kernel.fs.sys;

import dev.runsc.kernel.fs.synthetic.FixedText;
import dev.runsc.kernel.fs.synthetic.SyntheticFile;

/** An attribute: its size is a page, whatever is in it. */
final class SysFile extends SyntheticFile {
    private static final long PAGE = 4096;

    SysFile(SysFileSystem fileSystem, String text) {
        super(fileSystem, 0444, new FixedText(text + "\n"));
    }

    @Override
    public long size() {
        return PAGE;
    }
}
