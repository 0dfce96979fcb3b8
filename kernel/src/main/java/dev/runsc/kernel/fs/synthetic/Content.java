package dev.runsc.kernel.fs.synthetic;

import com.google.errorprone.annotations.FormatMethod;
import dev.runsc.kernel.vfs.RawName;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Collects what a synthetic file shows (Linux {@code struct seq_file}). */
public final class Content {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Adds text as UTF-8. */
    public Content text(String text) {
        bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Adds a raw name or path, byte by byte (see {@link RawName}). */
    public Content raw(String rawName) {
        bytes.writeBytes(RawName.bytes(rawName));
        return this;
    }

    public Content bytes(byte[] data) {
        bytes.writeBytes(data);
        return this;
    }

    /** Adds a formatted line; the newline is the caller's. Only for formats that padding needs. */
    @FormatMethod
    public Content format(String format, Object... arguments) {
        return text(String.format(Locale.ROOT, format, arguments));
    }

    public int size() {
        return bytes.size();
    }

    public byte[] toBytes() {
        return bytes.toByteArray();
    }
}
