package dev.runsc.kernel.fs.synthetic;

import dev.runsc.kernel.vfs.Caller;

/** Contents that never change. */
public record FixedText(String text) implements ContentSource {
    @Override
    public void generate(Caller caller, Content out) {
        out.text(text);
    }
}
