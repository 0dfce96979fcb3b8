package dev.runsc.benchmark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A system that is measured.
 *
 * @param kind what it can do and which flags it knows
 * @param command the words before a command of the runtime; empty for the host itself
 */
record Contestant(String name, Kind kind, List<String> command) {
    enum Kind {
        OURS,
        OTHER_RUNTIME,
        /** Containers on the host's kernel: no sandbox, no images without help from others. */
        CONTAINERS,
        NATIVE
    }

    boolean isRuntime() {
        return kind != Kind.NATIVE;
    }

    boolean isSandbox() {
        return kind == Kind.OURS || kind == Kind.OTHER_RUNTIME;
    }

    /** The words of a command of the runtime, which keeps its state below a folder of its own. */
    List<String> words(Path scratch, List<String> arguments) {
        List<String> words = new ArrayList<>(command);
        words.add("--root=" + scratch.resolve("state-of-" + kind));
        words.addAll(arguments);
        return words;
    }
}
