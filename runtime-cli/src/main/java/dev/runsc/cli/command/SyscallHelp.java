package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.json.JsonText;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.kernel.syscalls.Syscall;
import dev.runsc.kernel.syscalls.SyscallTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code help syscalls}: the kernel's table, for people and programs. */
final class SyscallHelp {
    private static final int COLUMN_LEAST = 8;
    private static final int PADDING = 2;

    private SyscallHelp() {}

    static String text(String format) throws Failure {
        return switch (format) {
            case "table" -> table();
            case "json" -> json();
            case "csv" -> csv();
            default -> throw new Failure("unsupported format \"" + format + "\"");
        };
    }

    private static String support(Syscall row) {
        return switch (row.support()) {
            case FULL -> "Full Support";
            case PARTIAL -> "Partial Support";
            case REFUSED -> "Unimplemented";
        };
    }

    private static String note(Syscall row) {
        Errno refusal = row.refusal();
        if (refusal == null) {
            return row.note();
        }
        String answer = "answers " + refusal.name();
        return row.note().isEmpty() ? answer : answer + ": " + row.note();
    }

    private static String table() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("NUM", "NAME", "SUPPORT", "NOTE"));
        for (Syscall row : SyscallTable.ROWS) {
            rows.add(List.of(String.valueOf(row.number()), row.name(), support(row), note(row)));
        }
        return "linux/amd64:\n" + Table.format(rows, COLUMN_LEAST, PADDING);
    }

    private static String json() {
        JsonText json = new JsonText(true).beginObject();
        json.name("linux").beginObject().name("amd64").beginObject();
        json.name("syscalls").beginArray();
        for (Syscall row : SyscallTable.ROWS) {
            json.beginObject();
            json.field("num", row.number());
            json.field("name", row.name());
            json.field("support", support(row));
            json.field("note", note(row));
            json.endObject();
        }
        return json.endArray().endObject().endObject().endObject().text() + "\n";
    }

    private static String csv() {
        StringBuilder text = new StringBuilder("OS,Arch,Num,Name,Support,Note\n");
        for (Syscall row : SyscallTable.ROWS) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "linux,amd64,%d,%s,%s,\"%s\"%n",
                            row.number(),
                            row.name(),
                            support(row),
                            note(row).replace("\"", "\"\"")));
        }
        return text.toString();
    }
}
