package dev.runsc.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** An image written by one schema is read by another, in which the types have changed. */
class VersioningTest {
    static final class Old implements Savable {
        int count = 5;
        long millis = 1500;
        String title = "title";
        @Nullable Old link;
    }

    static final class New implements Savable {
        int count;
        long nanos;
        @Nullable String name;
        @Nullable New link;
        int added;
    }

    static final class OldWithMore implements Savable {
        int count = 5;
        long millis = 1500;
        String title = "title";
        @Nullable OldWithMore link;
        boolean more = true;
    }

    static final class OldOtherKind implements Savable {
        long count;
        long millis;
        @Nullable String title;
        @Nullable OldOtherKind link;
    }

    static final class Demanding implements Savable {
        int count;
        long millis;
        @Nullable String title;
        @Nullable Demanding link;
        @Required int needed;
    }

    record OldPair(int a, String b) implements Savable {}

    record NewPair(String b, long extra, int a) implements Savable {}

    enum OldEnum {
        A,
        B,
        C
    }

    /** Another order, one more, one less. */
    enum NewEnum {
        C,
        D,
        A
    }

    private static byte[] oldImage() throws StateException {
        return Samples.save(schema(1, Old.class), new Old());
    }

    private static StateSchema schema(int version, Class<?> type) {
        return StateSchema.builder().type("T", version, type).build();
    }

    private static String refusal(StateSchema schema, Class<?> type, byte[] image) {
        return String.valueOf(
                assertThrows(StateException.class, () -> Samples.load(schema, type, image))
                        .getMessage());
    }

    @Test
    void theSameVersionMustHaveTheSameFields() throws StateException {
        assertEquals(
                "type T version 1 of the image lacks field 'more': the class was changed without a"
                        + " new version",
                refusal(schema(1, OldWithMore.class), OldWithMore.class, oldImage()));
        byte[] more = Samples.save(schema(1, OldWithMore.class), new OldWithMore());
        assertEquals(
                "type T version 1 of the image has fields [more], which this program does not have,"
                        + " and there is no upgrade",
                refusal(schema(1, Old.class), Old.class, more));
        assertEquals(
                "type T version 1 of the image has field 'count' as INT; this program has it as"
                        + " LONG and no upgrade",
                refusal(schema(1, OldOtherKind.class), OldOtherKind.class, oldImage()));
    }

    @Test
    void anAddedFieldStaysZero() throws StateException {
        OldWithMore back =
                Samples.load(schema(2, OldWithMore.class), OldWithMore.class, oldImage());
        assertEquals(5, back.count);
        assertEquals("title", back.title);
        assertFalse(back.more);
    }

    @Test
    void aRequiredFieldIsDemanded() throws StateException {
        assertEquals(
                "type T version 1 of the image lacks the required field 'needed'",
                refusal(schema(2, Demanding.class), Demanding.class, oldImage()));
        StateSchema supplied =
                StateSchema.builder()
                        .type("T", 2, Demanding.class)
                        .upgrade("T", 1, fields -> fields.put("needed", 9))
                        .build();
        assertEquals(9, Samples.load(supplied, Demanding.class, oldImage()).needed);
    }

    @Test
    void aRemovedFieldNeedsAnUpgrade() throws StateException {
        byte[] image = Samples.save(schema(1, OldWithMore.class), new OldWithMore());
        assertEquals(
                "type T version 1 of the image has fields [more], which this program does not have,"
                        + " and there is no upgrade",
                refusal(schema(2, Old.class), Old.class, image));
        StateSchema dropped =
                StateSchema.builder()
                        .type("T", 2, Old.class)
                        .upgrade("T", 1, fields -> fields.remove("more"))
                        .build();
        assertEquals(1500, Samples.load(dropped, Old.class, image).millis);
        StateSchema forgotten =
                StateSchema.builder().type("T", 2, Old.class).upgrade("T", 1, fields -> {}).build();
        assertEquals(
                "type T version 1 of the image has fields [more] after its upgrade, which this"
                        + " program does not have",
                refusal(forgotten, Old.class, image));
    }

    @Test
    void stepsRunInOrderFromTheVersionOfTheImage() throws StateException {
        List<Integer> ran = new ArrayList<>();
        StateSchema schema =
                StateSchema.builder()
                        .type("T", 4, New.class)
                        .upgrade(
                                "T",
                                3,
                                fields -> {
                                    ran.add(3);
                                    fields.put("added", 77);
                                })
                        .upgrade(
                                "T",
                                1,
                                fields -> {
                                    ran.add(1);
                                    long millis = fields.require("millis", Long.class);
                                    fields.remove("millis");
                                    fields.put("nanos", millis * 1_000_000);
                                    fields.rename("title", "name");
                                })
                        .build();
        Old old = new Old();
        old.link = old;
        New back = Samples.load(schema, New.class, Samples.save(schema(1, Old.class), old));
        assertEquals(List.of(1, 3), ran);
        assertEquals(1_500_000_000L, back.nanos);
        assertEquals("title", back.name);
        assertEquals(77, back.added);
        assertEquals(back, back.link);
        ran.clear();
        byte[] third = Samples.save(schema(3, New.class), new New());
        assertNull(Samples.load(schema, New.class, third).name);
        assertEquals(List.of(3), ran);
    }

    @Test
    void anUpgradeThatGivesTheWrongTypeIsReported() throws StateException {
        StateSchema schema =
                StateSchema.builder()
                        .type("T", 2, Old.class)
                        .upgrade("T", 1, fields -> fields.put("count", "five"))
                        .build();
        assertEquals(
                "damaged image: object 0 (T): java.lang.ClassCastException",
                refusal(schema, Old.class, oldImage()).replaceAll("Exception: .*", "Exception"));
    }

    @Test
    void recordsMatchByNameAndUpgradeToo() throws StateException {
        byte[] image = Samples.save(schema(1, OldPair.class), new OldPair(3, "b"));
        assertEquals(
                new NewPair("b", 0, 3),
                Samples.load(schema(2, NewPair.class), NewPair.class, image));
        StateSchema upgraded =
                StateSchema.builder()
                        .type("T", 2, NewPair.class)
                        .upgrade("T", 1, fields -> fields.put("extra", 4L))
                        .build();
        assertEquals(new NewPair("b", 4, 3), Samples.load(upgraded, NewPair.class, image));
    }

    @Test
    void enumConstantsMatchByName() throws StateException {
        byte[] image = Samples.save(schema(1, OldEnum.class), new Object[] {OldEnum.A, OldEnum.C});
        Object[] back = Samples.load(schema(2, NewEnum.class), Object[].class, image);
        assertEquals(List.of(NewEnum.A, NewEnum.C), List.of(back));
        byte[] lost = Samples.save(schema(1, OldEnum.class), new Object[] {OldEnum.B});
        assertEquals(
                "enum T has no constant B in this program",
                refusal(schema(2, NewEnum.class), Object[].class, lost));
    }

    @Test
    void adaptedValuesUpgrade() throws StateException {
        record Seconds(long value) {}
        StateSchema old =
                StateSchema.builder()
                        .adapter("S", 1, Seconds.class, adapter(Seconds::value, Seconds::new))
                        .build();
        StateSchema millis =
                StateSchema.builder()
                        .adapter(
                                "S",
                                2,
                                Seconds.class,
                                adapter(s -> s.value() * 1000, v -> new Seconds(v / 1000)))
                        .upgrade("S", 1, f -> f.put("value", f.require("value", Long.class) * 1000))
                        .build();
        byte[] image = Samples.save(old, new Object[] {new Seconds(7)});
        assertEquals(new Seconds(7), Samples.load(millis, Object[].class, image)[0]);
    }

    private static <T> ValueAdapter<T> adapter(ToLongFunction<T> to, LongFunction<T> from) {
        return new ValueAdapter<>() {
            @Override
            public Object toValue(T object) {
                return to.applyAsLong(object);
            }

            @Override
            public T fromValue(@Nullable Object value) {
                if (value instanceof Long number) {
                    return from.apply(number);
                }
                throw new IllegalArgumentException();
            }
        };
    }

    @Test
    void newerImagesAndUnknownOrChangedTypesAreRefused() throws StateException {
        byte[] image = Samples.save(schema(3, Old.class), new Old());
        assertEquals(
                "type T has version 3 in the image; this program knows versions up to 2",
                refusal(schema(2, Old.class), Old.class, image));
        assertEquals(
                "the image holds objects of type T, which this program does not know",
                refusal(StateSchema.builder().build(), Old.class, image));
        assertEquals(
                "type T is of kind CLASS in the image and RECORD in this program",
                refusal(schema(3, OldPair.class), OldPair.class, image));
        assertEquals(
                "the root of the image is a T, not a java.lang.String",
                refusal(schema(3, Old.class), String.class, image));
        byte[] array = Samples.save(schema(1, Old.class), new Old[1]);
        assertEquals(
                "the image holds arrays T[], which this program does not know",
                refusal(StateSchema.builder().build(), Object[].class, array));
    }

    @Test
    void aTypeMayBeRenamed() throws StateException {
        StateSchema renamed =
                StateSchema.builder().type("U", 1, Old.class).formerName("T", "U").build();
        assertEquals(5, Samples.load(renamed, Old.class, oldImage()).count);
    }
}
