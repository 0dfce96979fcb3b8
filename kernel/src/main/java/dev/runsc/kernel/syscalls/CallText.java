package dev.runsc.kernel.syscalls;

import dev.runsc.kernel.task.Task;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Calls as text, by the shapes in the table. Runs on the thread of the task that calls. */
public final class CallText {
    private final int bytesMax;

    /**
     * @param bytesMax the longest piece of a buffer that is shown
     */
    public CallText(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    static String show(long value) {
        return value > 0xffff_ffffL ? "0x" + Long.toHexString(value) : Long.toString(value);
    }

    /** The arguments before the call, each as a C programmer would write it. */
    public List<String> arguments(Syscall row, Task task, Args args) {
        return Arrays.stream(entered(row, task, args)).filter(text -> !text.isEmpty()).toList();
    }

    /** All arguments before the call; empty are those that it does not look at. */
    String[] entered(Syscall row, Task task, Args args) {
        ShownCall call = new ShownCall(task, args, bytesMax, 0);
        Shape[] shapes = row.shapes();
        String[] shown = new String[shapes.length];
        for (int i = 0; i < shapes.length; i++) {
            shown[i] = shapes[i].before(call, i);
        }
        return shown;
    }

    /** A call that has failed or not come back. */
    String call(Syscall row, String[] shown) {
        return row.name()
                + Arrays.stream(shown)
                        .filter(text -> !text.isEmpty())
                        .collect(Collectors.joining(", ", "(", ")"));
    }

    /** A call that has succeeded, with what it put into the guest's memory. */
    String call(Syscall row, String[] shown, Task task, Args args, long result) {
        ShownCall call = new ShownCall(task, args, bytesMax, result);
        Shape[] shapes = row.shapes();
        String answer = "";
        for (int i = 0; i < shapes.length; i++) {
            shown[i] = shapes[i].after(call, i, shown[i]);
            answer += shapes[i].answer(call, i);
        }
        return call(row, shown) + " = " + (answer.isEmpty() ? show(result) : answer);
    }

    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                case '\r' -> quoted.append("\\r");
                case '\f' -> quoted.append("\\f");
                case 0x0b -> quoted.append("\\v");
                case '"', '\\' -> quoted.append('\\').append(c);
                default -> {
                    if (c < ' ' || c > '~') {
                        quoted.append(octal(c, i + 1 < text.length() ? text.charAt(i + 1) : ' '));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }

    /** As short as C reads it before what follows. */
    private static String octal(char c, char next) {
        String digits = Integer.toOctalString(c);
        boolean joins = next >= '0' && next <= '9';
        return "\\" + (joins ? "0".repeat(3 - digits.length()) : "") + digits;
    }
}
