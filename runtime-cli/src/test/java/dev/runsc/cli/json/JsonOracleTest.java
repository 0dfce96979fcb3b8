package dev.runsc.cli.json;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Our scanner against Jackson's: the same tokens for every document, and refusals of the same ones.
 */
class JsonOracleTest {
    private static final JsonFactory JACKSON = new JsonFactory();

    private static final List<String> SEEDS =
            List.of(
                    "{\"a\":1,\"b\":[true,false,null],\"c\":{\"d\":\"x\\n\\u00e4\\\"\"}}",
                    "[1,-2,0.5,-1e5,2E-3,10,\"\",\"\u00e4\ud83d\ude00\",[],{},[[[]]]]",
                    "{\"process\":{\"args\":[\"sh\",\"-c\",\"x\"],\"cwd\":\"/\"},\"n\":18446744073709551615}",
                    "\"just a string\"",
                    "  [ 1 , 2 ]  ");

    /** The tokens of a document, or null when it is not one. */
    private static @Nullable List<String> ours(byte[] bytes) {
        List<String> tokens = new ArrayList<>();
        try {
            JsonScanner scanner = new JsonScanner("x", bytes, 64, 1 << 20);
            for (JsonScanner.Token token = scanner.next();
                    token != JsonScanner.Token.END;
                    token = scanner.next()) {
                tokens.add(
                        switch (token) {
                            case NAME, STRING, NUMBER -> token + " " + scanner.text();
                            default -> token.toString();
                        });
            }
            return tokens;
        } catch (JsonFault e) {
            return null;
        }
    }

    private static @Nullable List<String> jacksons(byte[] bytes) {
        List<String> tokens = new ArrayList<>();
        try (JsonParser parser = JACKSON.createParser(ObjectReadContext.empty(), bytes)) {
            int depth = 0;
            int values = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                values += depth == 0 ? 1 : 0;
                switch (token) {
                    case START_OBJECT -> tokens.add("OBJECT");
                    case START_ARRAY -> tokens.add("ARRAY");
                    case END_OBJECT -> tokens.add("END_OBJECT");
                    case END_ARRAY -> tokens.add("END_ARRAY");
                    case PROPERTY_NAME -> tokens.add("NAME " + parser.getString());
                    case VALUE_STRING -> tokens.add("STRING " + parser.getString());
                    case VALUE_TRUE -> tokens.add("TRUE");
                    case VALUE_FALSE -> tokens.add("FALSE");
                    case VALUE_NULL -> tokens.add("NULL");
                    default -> tokens.add("NUMBER " + parser.getString());
                }
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            }
            // It reads a sequence of documents; we want exactly one.
            return values == 1 ? tokens : null;
        } catch (JacksonException e) {
            return null;
        }
    }

    /**
     * Strict UTF-8 without zeros: the library takes other encodings, and code points there are not.
     */
    private static boolean isText(byte[] bytes) {
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return text.indexOf('\0') < 0 && !text.startsWith("\ufeff");
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Test
    void sameTokensAsTheLibrary() {
        long seed = Long.getLong("seed", 1);
        Random random = new Random(seed);
        String alphabet = "{}[]\",:0123456789.eE+-tfnrualsx\\/ \n\u00e4\ud83d\ude00";
        byte[] letters = alphabet.getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < 60_000; round++) {
            byte[] bytes = SEEDS.get(random.nextInt(SEEDS.size())).getBytes(StandardCharsets.UTF_8);
            for (int i = random.nextInt(4); i > 0; i--) {
                bytes[random.nextInt(bytes.length)] =
                        random.nextInt(8) == 0
                                ? (byte) random.nextInt(256)
                                : letters[random.nextInt(letters.length)];
            }
            if (random.nextInt(4) == 0) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            }
            List<String> expected = isText(bytes) ? jacksons(bytes) : null;
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            assertEquals(expected, ours(bytes), "-Dseed=" + seed + " round " + round + ": " + text);
        }
    }
}
