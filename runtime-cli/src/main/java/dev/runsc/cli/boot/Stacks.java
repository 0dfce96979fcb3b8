package dev.runsc.cli.boot;

import java.io.PrintWriter;
import java.lang.Thread.State;
import java.util.Map;
import java.util.TreeMap;

/** What every thread of this process is doing. */
final class Stacks {
    private Stacks() {}

    /** Prints the stacks of all threads, by name. */
    static void print(PrintWriter out) {
        Map<String, StackTraceElement[]> sorted = new TreeMap<>();
        for (Map.Entry<Thread, StackTraceElement[]> entry : Thread.getAllStackTraces().entrySet()) {
            Thread thread = entry.getKey();
            State state = thread.getState();
            sorted.put(
                    "\"" + thread.getName() + "\" #" + thread.threadId() + " " + state,
                    entry.getValue());
        }
        sorted.forEach((title, frames) -> {
            out.println(title);
            for (StackTraceElement frame : frames) {
                out.println("\tat " + frame);
            }
        });
        out.flush();
    }
}
