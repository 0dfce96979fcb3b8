package dev.runsc.cli.command;

import java.util.List;

/** Text in columns, filled with spaces; the last column is as long as it is. */
final class Table {
    private Table() {}

    static String format(List<? extends List<String>> rows, int columnLeast, int padding) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns - 1; i++) {
                widths[i] =
                        Math.max(widths[i], Math.max(columnLeast, row.get(i).length() + padding));
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                text.append(row.get(i));
                text.repeat(' ', i == columns - 1 ? 0 : widths[i] - row.get(i).length());
            }
            text.append('\n');
        }
        return text.toString();
    }
}
