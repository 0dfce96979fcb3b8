package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.SnapshotDescription;
import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotException.Kind;
import dev.runsc.snapshot.model.SnapshotManifest;
import dev.runsc.snapshot.model.StreamInfo;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** The manifest as JSON. The id is not part of the text, for it is made from the text. */
public final class ManifestJson {
    /** Version of a snapshot's layout that is written and read. */
    public static final int FORMAT_VERSION = 1;

    /** Longest manifest; an OCI spec of some 10 KB is most of it. */
    public static final int MAX_BYTES = 16 << 20;

    private static final int MAX_STREAMS = 1 << 12;
    private static final int MAX_LIST = 1 << 14;

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxDocumentLength(MAX_BYTES)
                                    .maxStringLength(MAX_BYTES)
                                    .maxNestingDepth(8)
                                    .maxNameLength(4096)
                                    .maxNumberLength(20)
                                    .build())
                    .build();

    private ManifestJson() {}

    /** Brings the parser's classes in, the larger part of reading a first manifest. */
    static void loadAhead() {
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), new byte[] {'1'})) {
            json.nextToken();
        }
    }

    /** The text; the manifest's id is not looked at. */
    public static byte[] write(SnapshotManifest manifest) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(8 << 10);
        SnapshotDescription said = manifest.description();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeNumberProperty("formatVersion", manifest.formatVersion());
            json.writeNumberProperty("sequence", manifest.sequence());
            json.writeNumberProperty("createdAtMillis", manifest.createdAtMillis());
            if (said.name() != null) {
                json.writeStringProperty("name", said.name());
            }
            if (said.parent() != null) {
                json.writeStringProperty("parent", said.parent());
            }
            json.writeStringProperty("runscVersion", said.runscVersion());
            json.writeStringProperty("networkMode", said.networkMode());
            json.writeArrayPropertyStart("cpuFeatures");
            said.cpuFeatures().forEach(json::writeString);
            json.writeEndArray();
            writeNumbers(json, "sizes", said.sizes());
            writeNumbers(json, "stageNanos", said.stageNanos());
            json.writeObjectPropertyStart("annotations");
            said.annotations().forEach(json::writeStringProperty);
            json.writeEndObject();
            json.writeArrayPropertyStart("streams");
            manifest.streams().forEach(stream -> writeStream(json, stream));
            json.writeEndArray();
            json.writeStringProperty("spec", said.spec());
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private static void writeNumbers(JsonGenerator json, String name, Map<String, Long> numbers) {
        json.writeObjectPropertyStart(name);
        numbers.forEach((key, value) -> json.writeNumberProperty(key, value.longValue()));
        json.writeEndObject();
    }

    private static void writeStream(JsonGenerator json, StreamInfo stream) {
        json.writeStartObject();
        json.writeStringProperty("kind", stream.kind().name());
        json.writeStringProperty("name", stream.name());
        json.writeNumberProperty("lengthBytes", stream.lengthBytes());
        json.writeNumberProperty("chunkBytes", stream.chunkBytes());
        json.writeNumberProperty("chunkCount", stream.chunkCount());
        json.writeNumberProperty("dataBytes", stream.dataBytes());
        json.writeNumberProperty("newChunks", stream.newChunks());
        json.writeNumberProperty("newStoredBytes", stream.newStoredBytes());
        json.writeStringProperty("mapCrc32c", HexFormats.hex8(stream.mapCrc32c()));
        json.writeStringProperty("mapSha256", stream.mapSha256());
        json.writeEndObject();
    }

    /** Reads what {@link #write} wrote; anything else is damage, or another format version. */
    public static SnapshotManifest read(Path store, String id, byte[] text)
            throws SnapshotException {
        if (text.length > MAX_BYTES) {
            throw Failures.damaged(store, "the manifest of snapshot " + id + " is too long");
        }
        try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            return new Reader(json).manifest(store, id);
        } catch (JacksonException | IllegalArgumentException e) {
            throw Failures.damaged(store, "the manifest of snapshot " + id + " is not readable", e);
        }
    }

    /** Collects fields until the object ends; unknown ones are passed over. */
    private static final class Reader {
        private final JsonParser json;
        private final SnapshotDescription.Builder said = SnapshotDescription.builder();
        private final List<StreamInfo> streams = new ArrayList<>();
        private long sequence = -1;
        private long createdAtMillis;

        Reader(JsonParser json) {
            this.json = json;
        }

        SnapshotManifest manifest(Path store, String id) throws SnapshotException {
            require(json.nextToken() == JsonToken.START_OBJECT);
            require("formatVersion".equals(json.nextName()));
            int version = toInt(number());
            if (version != FORMAT_VERSION) {
                throw new SnapshotException(
                        Kind.FORMAT,
                        "snapshot "
                                + id
                                + " in "
                                + store
                                + " has format version "
                                + version
                                + ", this version reads "
                                + FORMAT_VERSION);
            }
            for (String name = json.nextName(); name != null; name = json.nextName()) {
                field(name);
            }
            require(json.currentToken() == JsonToken.END_OBJECT && json.nextToken() == null);
            require(sequence >= 0);
            return new SnapshotManifest(
                    version, id, sequence, createdAtMillis, said.build(), streams);
        }

        private void field(String name) {
            switch (name) {
                case "sequence" -> sequence = number();
                case "createdAtMillis" -> createdAtMillis = number();
                case "name" -> said.name(text());
                case "parent" -> said.parent(text());
                case "runscVersion" -> said.runscVersion(text());
                case "networkMode" -> said.networkMode(text());
                case "spec" -> said.spec(text());
                case "cpuFeatures" -> said.cpuFeatures(texts());
                case "sizes" -> numbers().forEach(said::size);
                case "stageNanos" -> numbers().forEach(said::stage);
                case "annotations" -> annotations();
                case "streams" -> streams();
                default -> {
                    json.nextToken();
                    json.skipChildren();
                }
            }
        }

        private void annotations() {
            require(json.nextToken() == JsonToken.START_OBJECT);
            int count = 0;
            for (String key = json.nextName(); key != null; key = json.nextName()) {
                require(++count <= MAX_LIST);
                said.annotation(key, text());
            }
        }

        private void streams() {
            require(json.nextToken() == JsonToken.START_ARRAY);
            while (json.nextToken() == JsonToken.START_OBJECT) {
                require(streams.size() < MAX_STREAMS);
                streams.add(stream(streams.size()));
            }
            require(json.currentToken() == JsonToken.END_ARRAY);
        }

        private StreamInfo stream(int index) {
            Map<String, String> texts = new LinkedHashMap<>();
            Map<String, Long> numbers = new LinkedHashMap<>();
            for (String key = json.nextName(); key != null; key = json.nextName()) {
                require(texts.size() + numbers.size() < MAX_LIST);
                JsonToken token = json.nextToken();
                if (token == JsonToken.VALUE_STRING) {
                    texts.put(key, json.getString());
                } else if (token == JsonToken.VALUE_NUMBER_INT) {
                    numbers.put(key, json.getLongValue());
                } else {
                    json.skipChildren();
                }
            }
            return new StreamInfo(
                    index,
                    StreamInfo.Kind.valueOf(value(texts, "kind")),
                    value(texts, "name"),
                    value(numbers, "lengthBytes"),
                    toInt(value(numbers, "chunkBytes")),
                    toInt(value(numbers, "chunkCount")),
                    value(numbers, "dataBytes"),
                    toInt(value(numbers, "newChunks")),
                    value(numbers, "newStoredBytes"),
                    Integer.parseUnsignedInt(value(texts, "mapCrc32c"), 16),
                    value(texts, "mapSha256"));
        }

        private Map<String, Long> numbers() {
            require(json.nextToken() == JsonToken.START_OBJECT);
            Map<String, Long> found = new LinkedHashMap<>();
            for (String key = json.nextName(); key != null; key = json.nextName()) {
                require(found.size() < MAX_LIST);
                found.put(key, number());
            }
            return found;
        }

        private List<String> texts() {
            require(json.nextToken() == JsonToken.START_ARRAY);
            List<String> found = new ArrayList<>();
            while (json.nextToken() == JsonToken.VALUE_STRING) {
                require(found.size() < MAX_LIST);
                found.add(json.getString());
            }
            require(json.currentToken() == JsonToken.END_ARRAY);
            return found;
        }

        private String text() {
            require(json.nextToken() == JsonToken.VALUE_STRING);
            return json.getString();
        }

        private long number() {
            require(json.nextToken() == JsonToken.VALUE_NUMBER_INT);
            return json.getLongValue();
        }

        private static <T> T value(Map<String, T> values, String key) {
            @Nullable T value = values.get(key);
            if (value == null) {
                throw new IllegalArgumentException("no " + key);
            }
            return value;
        }

        private static int toInt(long value) {
            require(value >= 0 && value <= Integer.MAX_VALUE);
            return (int) value;
        }

        private static void require(boolean holds) {
            if (!holds) {
                throw new IllegalArgumentException("unexpected JSON");
            }
        }
    }
}
