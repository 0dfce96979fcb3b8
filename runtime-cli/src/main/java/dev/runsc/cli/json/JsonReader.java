package dev.runsc.cli.json;

import dev.runsc.cli.json.JsonScanner.Token;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Walks one JSON document. Every complaint is one line that names the document, the line and the
 * place in the tree. A field whose value is {@code null} counts as absent, as in Go's decoder,
 * which every producer of such documents is written against.
 *
 * <pre>
 *   in.object();
 *   for (String name = in.nextName(); name != null; name = in.nextName()) {
 *       switch (name) {
 *           case "args" -> args = in.strings();
 *           default -> in.skip();
 *       }
 *   }
 * </pre>
 */
public final class JsonReader {
    /** Deeper than any real config.json (about 8), far below what a stack takes. */
    private static final int NESTING_MAX = 64;

    /** More than the longest argument Linux takes (MAX_ARG_STRLEN is 128 KiB). */
    private static final int STRING_MAX = 4 << 20;

    private static final int ELEMENTS_MAX = 1 << 20;

    private final byte[] bytes;
    private final JsonScanner scanner;
    private Token current = Token.NULL;
    private boolean peeked;

    /**
     * Starts at the beginning of a document.
     *
     * @param document its name in messages
     */
    public JsonReader(String document, byte[] bytes) {
        this.bytes = bytes;
        this.scanner = new JsonScanner(document, bytes, NESTING_MAX, STRING_MAX);
    }

    /** Enters an object. */
    public void object() throws JsonFault {
        expect(Token.OBJECT);
    }

    /** The next field that has a value, or null at the end of the object, which is then left. */
    public @Nullable String nextName() throws JsonFault {
        while (true) {
            Token token = value();
            if (token == Token.END_OBJECT) {
                return null;
            }
            if (token != Token.NAME) {
                throw wrong(Token.NAME.words);
            }
            String name = scanner.text();
            if (value() != Token.NULL) {
                peeked = true;
                return name;
            }
        }
    }

    /** Enters an array. */
    public void array() throws JsonFault {
        expect(Token.ARRAY);
    }

    /** True when another element follows; at the end the array is left. */
    public boolean nextElement() throws JsonFault {
        if (value() == Token.END_ARRAY) {
            return false;
        }
        peeked = true;
        return true;
    }

    public String string() throws JsonFault {
        expect(Token.STRING);
        return scanner.text();
    }

    public boolean bool() throws JsonFault {
        Token token = value();
        if (token != Token.TRUE && token != Token.FALSE) {
            throw wrong(Token.TRUE.words);
        }
        return token == Token.TRUE;
    }

    /** A whole number within bounds, both inclusive. */
    public long number(long least, long most) throws JsonFault {
        String text = wholeNumber();
        long number;
        try {
            number = Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw fault("number out of range");
        }
        if (number < least || number > most) {
            throw fault("number " + number + " is not within " + least + ".." + most);
        }
        return number;
    }

    public int integer(int least, int most) throws JsonFault {
        return (int) number(least, most);
    }

    /** An unsigned 64-bit number as Linux keeps limits, in a long's bits. */
    public long unsigned() throws JsonFault {
        String text = wholeNumber();
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            throw fault("number is not within 0..2^64-1");
        }
    }

    private String wholeNumber() throws JsonFault {
        if (value() != Token.NUMBER || !isWhole(scanner.text())) {
            throw wrong("a whole number");
        }
        return scanner.text();
    }

    private static boolean isWhole(String number) {
        return number.indexOf('.') < 0 && number.indexOf('e') < 0 && number.indexOf('E') < 0;
    }

    /** An array of strings. */
    public List<String> strings() throws JsonFault {
        List<String> list = new ArrayList<>();
        array();
        while (nextElement()) {
            if (list.size() >= ELEMENTS_MAX) {
                throw fault("too many elements");
            }
            list.add(string());
        }
        return list;
    }

    /** An object whose values are all strings, in the order of the document. */
    public Map<String, String> stringMap() throws JsonFault {
        Map<String, String> map = new LinkedHashMap<>();
        object();
        for (String name = nextName(); name != null; name = nextName()) {
            if (map.size() >= ELEMENTS_MAX) {
                throw fault("too many fields");
            }
            map.put(name, string());
        }
        return map;
    }

    /** Passes over one value, whatever it is. */
    public void skip() throws JsonFault {
        value();
        skipOpened();
    }

    /** One value as the text it is written with. */
    public String raw() throws JsonFault {
        value();
        int start = scanner.tokenStart();
        skipOpened();
        return new String(bytes, start, scanner.position() - start, StandardCharsets.UTF_8);
    }

    /** One value in a form that is equal for equal values: fields sorted, no white space. */
    public String canonical() throws JsonFault {
        JsonText out = new JsonText();
        writeCanonical(out, value());
        return out.text();
    }

    /** Ends the walk: nothing but white space may follow. */
    public void end() throws JsonFault {
        if (scanner.next() != Token.END) {
            throw fault("text after the end of the document");
        }
    }

    /** A complaint about the value at hand. */
    public JsonFault fault(String message) {
        return scanner.fault(message);
    }

    private void writeCanonical(JsonText out, Token token) throws JsonFault {
        switch (token) {
            case OBJECT -> {
                Map<String, String> fields = new TreeMap<>();
                for (String name = nextName(); name != null; name = nextName()) {
                    fields.put(name, canonical());
                }
                out.beginObject();
                for (Map.Entry<String, String> field : fields.entrySet()) {
                    out.name(field.getKey()).raw(field.getValue());
                }
                out.endObject();
            }
            case ARRAY -> {
                out.beginArray();
                while (nextElement()) {
                    out.raw(canonical());
                }
                out.endArray();
            }
            case STRING -> out.value(scanner.text());
            case NUMBER -> out.raw(scanner.text());
            case TRUE -> out.value(true);
            case FALSE -> out.value(false);
            case NULL -> out.raw("null");
            default -> throw wrong("a value");
        }
    }

    /** Passes over the rest of the value at hand. */
    private void skipOpened() throws JsonFault {
        switch (current) {
            case OBJECT, ARRAY -> {
                int outside = scanner.depth() - 1;
                while (scanner.depth() > outside) {
                    scanner.next();
                }
            }
            case STRING, NUMBER, TRUE, FALSE, NULL -> {}
            default -> throw wrong("a value");
        }
    }

    private void expect(Token wanted) throws JsonFault {
        if (value() != wanted) {
            throw wrong(wanted.words);
        }
    }

    /** The token at hand: the one looked at already, else the next. */
    private Token value() throws JsonFault {
        if (peeked) {
            peeked = false;
        } else {
            current = scanner.next();
        }
        return current;
    }

    private JsonFault wrong(String expected) {
        return fault("expected " + expected + ", found " + current.words);
    }
}
