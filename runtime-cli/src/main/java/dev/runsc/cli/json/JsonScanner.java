package dev.runsc.cli.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The tokens of one JSON document (RFC 8259) in UTF-8, strictly: no comments, no trailing commas,
 * no control characters in strings, no malformed or overlong sequences.
 *
 * <p>A library's parser would do as well but for its start: the one we used initializes {@code
 * java.math.BigDecimal}, whose tables alone take the JVM 20 ms, at the start of every command and
 * every sandbox. Tests hold this one against that library.
 */
final class JsonScanner {
    /** What comes next in a document. */
    enum Token {
        OBJECT("an object"),
        ARRAY("an array"),
        END_OBJECT("the end of an object"),
        END_ARRAY("the end of an array"),
        NAME("a field name"),
        STRING("a string"),
        NUMBER("a number"),
        TRUE("true or false"),
        FALSE("true or false"),
        NULL("null"),
        END("the end");

        /** As messages call it. */
        final String words;

        Token(String words) {
            this.words = words;
        }
    }

    private final String document;
    private final byte[] bytes;
    private final int depthMax;
    private final int stringMax;

    /** By depth from 1: whether it is an object, how many elements began, and the latest name. */
    private final boolean[] isObject;

    private final int[] counts;
    private final String[] names;

    private int depth;
    private int position;
    private int tokenStart;
    private boolean afterName;
    private boolean started;
    private String text = "";

    JsonScanner(String document, byte[] bytes, int depthMax, int stringMax) {
        this.document = document;
        this.bytes = bytes;
        this.depthMax = depthMax;
        this.stringMax = stringMax;
        this.isObject = new boolean[depthMax + 1];
        this.counts = new int[depthMax + 1];
        this.names = new String[depthMax + 1];
        Arrays.fill(names, "");
    }

    /** The next token. */
    Token next() throws JsonFault {
        skipSpace();
        tokenStart = position;
        if (depth == 0) {
            return atTop();
        }
        return isObject[depth] ? inObject() : inArray();
    }

    /** The text of the last name, string or number. */
    String text() {
        return text;
    }

    int depth() {
        return depth;
    }

    /** Where the last token began. */
    int tokenStart() {
        return tokenStart;
    }

    /** Behind the last token. */
    int position() {
        return position;
    }

    /** A complaint about the last token. */
    JsonFault fault(String message) {
        StringBuilder place = new StringBuilder();
        for (int level = 1; level <= depth; level++) {
            place.append(place.isEmpty() ? "" : ".");
            place.append(isObject[level] ? names[level] : String.valueOf(counts[level] - 1));
        }
        String where = place.isEmpty() ? "" : place + ": ";
        return new JsonFault(document + ": line " + line(tokenStart) + ": " + where + message);
    }

    private int line(int offset) {
        int line = 1;
        for (int i = 0; i < offset && i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                line++;
            }
        }
        return line;
    }

    private JsonFault broken(String message) {
        return new JsonFault(
                document + ": line " + line(position) + ": not valid JSON: " + message);
    }

    private JsonFault unexpected() {
        if (position >= bytes.length) {
            return broken("it ends too early");
        }
        int c = bytes[position] & 0xff;
        String shown = c > ' ' && c < 0x7f ? "'" + (char) c + "'" : "byte " + c;
        return broken("unexpected " + shown);
    }

    private Token atTop() throws JsonFault {
        if (!started) {
            started = true;
            return value();
        }
        if (position < bytes.length) {
            throw broken("text after the end of the document");
        }
        return Token.END;
    }

    private Token inObject() throws JsonFault {
        if (afterName) {
            afterName = false;
            expect(':');
            skipSpace();
            tokenStart = position;
            return value();
        }
        if (at('}')) {
            position++;
            depth--;
            return Token.END_OBJECT;
        }
        if (counts[depth] > 0) {
            expect(',');
            skipSpace();
            tokenStart = position;
        }
        if (!at('"')) {
            throw unexpected();
        }
        scanString();
        counts[depth]++;
        names[depth] = text;
        afterName = true;
        return Token.NAME;
    }

    private Token inArray() throws JsonFault {
        if (at(']')) {
            position++;
            depth--;
            return Token.END_ARRAY;
        }
        if (counts[depth] > 0) {
            expect(',');
            skipSpace();
            tokenStart = position;
        }
        counts[depth]++;
        return value();
    }

    private Token value() throws JsonFault {
        if (position >= bytes.length) {
            throw unexpected();
        }
        switch (bytes[position]) {
            case '{' -> {
                open(true);
                return Token.OBJECT;
            }
            case '[' -> {
                open(false);
                return Token.ARRAY;
            }
            case '"' -> {
                scanString();
                return Token.STRING;
            }
            case 't' -> {
                word("true");
                return Token.TRUE;
            }
            case 'f' -> {
                word("false");
                return Token.FALSE;
            }
            case 'n' -> {
                word("null");
                return Token.NULL;
            }
            default -> {
                scanNumber();
                return Token.NUMBER;
            }
        }
    }

    private void open(boolean object) throws JsonFault {
        if (depth >= depthMax) {
            throw broken("more than " + depthMax + " levels deep");
        }
        position++;
        depth++;
        isObject[depth] = object;
        counts[depth] = 0;
        names[depth] = "";
    }

    private boolean at(char c) {
        return position < bytes.length && bytes[position] == c;
    }

    private void expect(char c) throws JsonFault {
        if (!at(c)) {
            throw unexpected();
        }
        position++;
    }

    private void skipSpace() {
        while (position < bytes.length) {
            switch (bytes[position]) {
                case ' ', '\n', '\r', '\t' -> position++;
                default -> {
                    return;
                }
            }
        }
    }

    private void word(String word) throws JsonFault {
        for (int i = 0; i < word.length(); i++) {
            expect(word.charAt(i));
        }
        if (position < bytes.length && Character.isLetterOrDigit(bytes[position])) {
            throw unexpected();
        }
    }

    private void scanNumber() throws JsonFault {
        int start = position;
        if (at('-')) {
            position++;
        }
        if (at('0')) {
            position++;
        } else {
            digits();
        }
        if (at('.')) {
            position++;
            digits();
        }
        if (at('e') || at('E')) {
            position++;
            if (at('+') || at('-')) {
                position++;
            }
            digits();
        }
        if (position < bytes.length && Character.isLetterOrDigit(bytes[position])) {
            throw unexpected();
        }
        text = new String(bytes, start, position - start, StandardCharsets.US_ASCII);
    }

    private void digits() throws JsonFault {
        if (position >= bytes.length || !isDigit(bytes[position])) {
            throw unexpected();
        }
        while (position < bytes.length && isDigit(bytes[position])) {
            position++;
        }
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** Takes a string, quotes included. Most hold plain ASCII: those need no second look. */
    private void scanString() throws JsonFault {
        int start = ++position;
        while (position < bytes.length) {
            byte b = bytes[position];
            if (b == '"') {
                checkLength(position - start);
                text = new String(bytes, start, position - start, StandardCharsets.US_ASCII);
                position++;
                return;
            }
            if (b < ' ' || b == '\\') {
                break;
            }
            position++;
        }
        StringBuilder out = new StringBuilder(position - start + 16);
        for (int i = start; i < position; i++) {
            out.append((char) bytes[i]);
        }
        scanRest(out);
    }

    private void scanRest(StringBuilder out) throws JsonFault {
        while (!at('"')) {
            checkLength(out.length());
            if (position >= bytes.length) {
                throw unexpected();
            }
            byte b = bytes[position];
            if (b == '\\') {
                position++;
                escape(out);
            } else if (b < 0) {
                out.appendCodePoint(character());
            } else if (b < ' ') {
                throw unexpected();
            } else {
                out.append((char) b);
                position++;
            }
        }
        position++;
        text = out.toString();
    }

    private void checkLength(int length) throws JsonFault {
        if (length > stringMax) {
            throw broken("a string of more than " + stringMax + " characters");
        }
    }

    private void escape(StringBuilder out) throws JsonFault {
        if (position >= bytes.length) {
            throw unexpected();
        }
        byte b = bytes[position];
        switch (b) {
            case '"', '\\', '/' -> out.append((char) b);
            case 'b' -> out.append('\b');
            case 'f' -> out.append('\f');
            case 'n' -> out.append('\n');
            case 'r' -> out.append('\r');
            case 't' -> out.append('\t');
            case 'u' -> {
                int unit = 0;
                for (int i = 0; i < 4; i++) {
                    position++;
                    int digit = position < bytes.length ? Character.digit(bytes[position], 16) : -1;
                    if (digit < 0) {
                        throw unexpected();
                    }
                    unit = unit << 4 | digit;
                }
                out.append((char) unit);
            }
            default -> throw unexpected();
        }
        position++;
    }

    /** One character of two to four bytes (RFC 3629). */
    private int character() throws JsonFault {
        int first = bytes[position] & 0xff;
        int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
        int least = more == 3 ? 0x10000 : more == 2 ? 0x800 : 0x80;
        if (first < 0xc2 || first > 0xf4) {
            throw unexpected();
        }
        int point = first & (0x3f >> more);
        for (int i = 0; i < more; i++) {
            position++;
            if (position >= bytes.length || (bytes[position] & 0xc0) != 0x80) {
                throw unexpected();
            }
            point = point << 6 | (bytes[position] & 0x3f);
        }
        if (point < least || point > Character.MAX_CODE_POINT || isSurrogate(point)) {
            throw unexpected();
        }
        position++;
        return point;
    }

    private static boolean isSurrogate(int point) {
        return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
    }
}
