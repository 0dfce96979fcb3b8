package dev.runsc.cli.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

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

    private final String document;
    private final byte[] bytes;
    private final JsonParser parser;
    private boolean peeked;

    /**
     * Starts at the beginning of a document.
     *
     * @param document its name in messages
     */
    public JsonReader(String document, byte[] bytes) {
        this.document = document;
        this.bytes = bytes;
        JsonFactory factory =
                JsonFactory.builder()
                        // One document per start: a pool would only cost its own start.
                        .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
                        .streamReadConstraints(
                                StreamReadConstraints.builder()
                                        .maxNestingDepth(NESTING_MAX)
                                        .maxStringLength(STRING_MAX)
                                        .build())
                        .build();
        this.parser = factory.createParser(ObjectReadContext.empty(), bytes);
    }

    /** Enters an object. */
    public void object() throws JsonFault {
        expect(JsonToken.START_OBJECT, "an object");
    }

    /** The next field that has a value, or null at the end of the object, which is then left. */
    public @Nullable String nextName() throws JsonFault {
        while (true) {
            JsonToken token = value();
            if (token == JsonToken.END_OBJECT) {
                return null;
            }
            if (token != JsonToken.PROPERTY_NAME) {
                throw wrong("a field name");
            }
            String name = parser.currentName();
            if (value() != JsonToken.VALUE_NULL) {
                peeked = true;
                return name;
            }
        }
    }

    /** Enters an array. */
    public void array() throws JsonFault {
        expect(JsonToken.START_ARRAY, "an array");
    }

    /** True when another element follows; at the end the array is left. */
    public boolean nextElement() throws JsonFault {
        if (value() == JsonToken.END_ARRAY) {
            return false;
        }
        peeked = true;
        return true;
    }

    public String string() throws JsonFault {
        expect(JsonToken.VALUE_STRING, "a string");
        try {
            return parser.getString();
        } catch (JacksonException e) {
            throw broken(e);
        }
    }

    public boolean bool() throws JsonFault {
        JsonToken token = value();
        if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
            throw wrong("true or false");
        }
        return token == JsonToken.VALUE_TRUE;
    }

    /** A whole number within bounds, both inclusive. */
    public long number(long least, long most) throws JsonFault {
        expect(JsonToken.VALUE_NUMBER_INT, "a whole number");
        long number;
        try {
            number = parser.getLongValue();
        } catch (JacksonException e) {
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
        expect(JsonToken.VALUE_NUMBER_INT, "a whole number");
        try {
            return Long.parseUnsignedLong(parser.getString());
        } catch (NumberFormatException | JacksonException e) {
            throw fault("number is not within 0..2^64-1");
        }
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
        long start = parser.currentTokenLocation().getByteOffset();
        skipOpened();
        try {
            // A string is scanned when it is asked for; until then the location is in its middle.
            if (parser.currentToken() == JsonToken.VALUE_STRING) {
                parser.getString();
            }
        } catch (JacksonException e) {
            throw broken(e);
        }
        long end = parser.currentLocation().getByteOffset();
        return new String(bytes, (int) start, (int) (end - start), StandardCharsets.UTF_8);
    }

    /** One value in a form that is equal for equal values: fields sorted, no white space. */
    public String canonical() throws JsonFault {
        JsonText out = new JsonText();
        writeCanonical(out, value());
        return out.text();
    }

    /** Ends the walk: nothing but white space may follow. */
    public void end() throws JsonFault {
        if (next() != null) {
            throw fault("text after the end of the document");
        }
    }

    /** A complaint about the value at hand. */
    public JsonFault fault(String message) {
        String path = parser.streamReadContext().pathAsPointer().toString();
        String place = path.isEmpty() ? "" : path.substring(1).replace('/', '.') + ": ";
        return new JsonFault(
                document
                        + ": line "
                        + parser.currentTokenLocation().getLineNr()
                        + ": "
                        + place
                        + message);
    }

    private void writeCanonical(JsonText out, JsonToken token) throws JsonFault {
        switch (token) {
            case START_OBJECT -> {
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
            case START_ARRAY -> {
                out.beginArray();
                while (nextElement()) {
                    out.raw(canonical());
                }
                out.endArray();
            }
            case VALUE_STRING -> out.value(text());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> out.raw(text());
            case VALUE_TRUE -> out.value(true);
            case VALUE_FALSE -> out.value(false);
            case VALUE_NULL -> out.raw("null");
            default -> throw wrong("a value");
        }
    }

    private String text() throws JsonFault {
        try {
            return parser.getString();
        } catch (JacksonException e) {
            throw broken(e);
        }
    }

    private void skipOpened() throws JsonFault {
        try {
            parser.skipChildren();
        } catch (JacksonException e) {
            throw broken(e);
        }
        if (parser.currentToken() == null) {
            throw fault("document ends too early");
        }
    }

    private void expect(JsonToken wanted, String what) throws JsonFault {
        if (value() != wanted) {
            throw wrong(what);
        }
    }

    /** The token at hand: the one looked at already, else the next. */
    private JsonToken value() throws JsonFault {
        JsonToken token;
        if (peeked) {
            peeked = false;
            token = parser.currentToken();
        } else {
            token = next();
        }
        if (token == null) {
            throw fault("document ends too early");
        }
        return token;
    }

    private @Nullable JsonToken next() throws JsonFault {
        try {
            return parser.nextToken();
        } catch (JacksonException e) {
            throw broken(e);
        }
    }

    private JsonFault wrong(String expected) {
        JsonToken token = parser.currentToken();
        String found =
                switch (token == null ? JsonToken.NOT_AVAILABLE : token) {
                    case START_OBJECT -> "an object";
                    case START_ARRAY -> "an array";
                    case VALUE_STRING -> "a string";
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
                    case VALUE_TRUE, VALUE_FALSE -> "true or false";
                    case VALUE_NULL -> "null";
                    case PROPERTY_NAME -> "a field name";
                    default -> "the end";
                };
        return fault("expected " + expected + ", found " + found);
    }

    private JsonFault broken(JacksonException e) {
        TokenStreamLocation where = e.getLocation();
        String message = e.getOriginalMessage();
        return new JsonFault(
                document
                        + ": line "
                        + (where == null ? 1 : Math.max(1, where.getLineNr()))
                        + ": not valid JSON: "
                        + (message == null ? "" : firstLine(message)));
    }

    private static String firstLine(String message) {
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }
}
