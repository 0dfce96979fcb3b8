package dev.runsc.cli.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Reading and writing JSON. */
class JsonTest {
    private static JsonReader reader(String text) {
        return new JsonReader("doc", text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatIsWrittenIsReadBack() throws JsonFault {
        String hard = "a\"\\\n\t\u0001\u007f\u00fc\ud83d\ude00/";
        JsonText out = new JsonText(true).beginObject();
        out.field("text", hard).field("number", Long.MIN_VALUE).field("flag", true);
        out.field("list", List.of("x", "", hard)).field("map", Map.of(hard, "v"));
        out.name("empty").beginArray().endArray();
        out.name("none").value((String) null);
        out.endObject();
        JsonReader in = reader(out.text());
        in.object();
        assertEquals("text", in.nextName());
        assertEquals(hard, in.string());
        assertEquals("number", in.nextName());
        assertEquals(Long.MIN_VALUE, in.number(Long.MIN_VALUE, 0));
        assertEquals("flag", in.nextName());
        assertTrue(in.bool());
        assertEquals("list", in.nextName());
        assertEquals(List.of("x", "", hard), in.strings());
        assertEquals("map", in.nextName());
        assertEquals(Map.of(hard, "v"), in.stringMap());
        assertEquals("empty", in.nextName());
        assertEquals(List.of(), in.strings());
        assertEquals(null, in.nextName(), "a null counts as absent");
        in.end();
    }

    @Test
    void loneSurrogatesBecomeEscapes() {
        assertEquals("\"\\ud83dx\"", new JsonText().value("\ud83dx").text());
        assertEquals("\"x\\ude00\"", new JsonText().value("x\ude00").text());
    }

    @Test
    void compactTextHasNoSpace() {
        JsonText out = new JsonText().beginObject().field("a", 1).name("b").beginArray();
        out.value("x").value(true).endArray().endObject();
        assertEquals("{\"a\":1,\"b\":[\"x\",true]}", out.text());
    }

    @Test
    void rawIsTheTextAsWritten() throws JsonFault {
        String inner = "{ \"x\" : [1, \"s\\u0041\", {}] }";
        for (String value : List.of(inner, "\"s\\u0041\"", "-12", "true", "[ ]", "1.5e3")) {
            JsonReader in = reader("{\"a\": " + value + " , \"b\": 1}");
            in.object();
            assertEquals("a", in.nextName());
            assertEquals(value, in.raw());
            assertEquals("b", in.nextName());
        }
    }

    @Test
    void canonicalTextIgnoresOrderAndSpace() throws JsonFault {
        String one = reader("{\"b\":[1,2],\"a\":{\"y\":null,\"x\":\"s\"}}").canonical();
        String other = reader(" { \"a\" : { \"x\" : \"s\" } , \"b\" : [ 1 , 2 ] } ").canonical();
        assertEquals(one, other);
        assertFalse(one.equals(reader("{\"a\":{\"x\":\"s\"},\"b\":[2,1]}").canonical()));
    }

    @Test
    void complaintsNameLineAndPlace() throws JsonFault {
        JsonReader in = reader("{\n \"a\": {\n  \"b\": [1, \"x\"]\n }\n}");
        in.object();
        in.nextName();
        in.object();
        in.nextName();
        in.array();
        assertTrue(in.nextElement());
        assertEquals(1, in.number(0, 9));
        assertTrue(in.nextElement());
        JsonFault fault = assertThrows(JsonFault.class, () -> in.number(0, 9));
        assertEquals(
                "doc: line 3: a.b.1: expected a whole number, found a string", fault.getMessage());
    }

    @Test
    void brokenTextIsOneLine() {
        for (String text :
                List.of(
                        "",
                        "{",
                        "{\"a\"",
                        "{\"a\":}",
                        "{\"a\":tru}",
                        "[1,",
                        "{\"a\":1,}",
                        "\u0000",
                        "nope")) {
            JsonFault fault =
                    assertThrows(
                            JsonFault.class,
                            () -> {
                                JsonReader in = reader(text);
                                in.object();
                                while (in.nextName() != null) {
                                    in.skip();
                                }
                                in.end();
                            },
                            text);
            assertTrue(fault.getMessage().startsWith("doc: line 1: "), fault.getMessage());
            assertFalse(fault.getMessage().contains("\n"), fault.getMessage());
        }
    }

    @Test
    void depthIsBounded() {
        String deep = "[".repeat(100_000);
        assertThrows(JsonFault.class, () -> reader(deep).skip());
        assertThrows(JsonFault.class, () -> reader("{\"a\":".repeat(5_000)).canonical());
    }

    @Test
    void textBehindTheEndIsRefused() throws JsonFault {
        JsonReader in = reader("{} {}");
        in.skip();
        assertThrows(JsonFault.class, in::end);
    }

    @Test
    void numbersAreBounded() throws JsonFault {
        assertThrows(
                JsonFault.class, () -> reader("99999999999999999999").number(0, Long.MAX_VALUE));
        assertThrows(JsonFault.class, () -> reader("-1").number(0, 5));
        assertEquals(-1L, reader("18446744073709551615").unsigned());
        assertThrows(JsonFault.class, () -> reader("18446744073709551616").unsigned());
        assertThrows(JsonFault.class, () -> reader("-1").unsigned());
        assertThrows(JsonFault.class, () -> reader("1.0").number(0, 5));
    }
}
