package io.pageferry.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonFieldsTest {
    @Test
    void fieldsOfTheRightTypesAreRead() {
        JsonFields fields = parse("{\"name\": \"vm1\", \"size-bytes\": 9223372036854775807}");

        assertThat(fields.string("name")).isEqualTo("vm1");
        assertThat(fields.wholeNumber("size-bytes", "bytes", 1, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
        assertThat(fields.optionalString("holder")).isEmpty();
        assertThat(fields.optionalWholeNumber("quota-bytes", "bytes", 1, 9)).isEqualTo(OptionalLong.empty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "\"vm1\"",
                "null",
                "12",
                "{} {}",
                "{\"a\":1}x",
                "{\"a\":1,\"a\":2}",
                "{'a':1}",
                "{\"a\":01}",
                "{\"a\":NaN}",
                "{\"a\":1,}",
                "{a:1}",
                "// c\n{}",
                "\u0000"
            })
    void whatIsNotExactlyOneJsonObjectIsRefused(String body) {
        assertRefused(body, fields -> {}, "the body is not");
    }

    @Test
    void nestingWithoutEndIsRefusedAndNotFollowed() {
        assertRefused("{\"a\":" + "[".repeat(500_000), fields -> {}, "the body is not JSON");
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        ApiException e = catchThrowableOfType(
                ApiException.class, () -> JsonFields.parse(new byte[] {'{', '"', (byte) 0xC3, '"', ':', '1', '}'}));

        assertThat(e.error()).isEqualTo("the body is not UTF-8");
    }

    @Test
    void aFieldThatNobodyKnowsIsRefusedAndTheHintNamesTheKnownOnes() {
        ApiException e =
                assertRefused("{\"sizeBytes\": 1}", fields -> fields.only("name", "size-bytes"), "unknown field");

        assertThat(e.hint()).isEqualTo("the fields are: name, size-bytes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|\"n\" is missing",
                "{\"n\": \"4096\"}|\"n\" is not a whole number of bytes (it is of type string)",
                "{\"n\": 1.5}|\"n\" is not a whole number of bytes (it is a number with a fraction)",
                "{\"n\": 1e3}|\"n\" is not a whole number of bytes (it is a number with a fraction)",
                "{\"n\": true}|\"n\" is not a whole number of bytes (it is of type boolean)",
                "{\"n\": null}|\"n\" is not a whole number of bytes (it is null)",
                "{\"n\": [1]}|\"n\" is not a whole number of bytes (it is of type array)",
                "{\"n\": -1}|\"n\" is out of range",
                "{\"n\": 0}|\"n\" is out of range",
                "{\"n\": 101}|\"n\" is out of range",
                "{\"n\": 18446744073709551617}|\"n\" is out of range",
            })
    void aNumberOfTheWrongTypeOrOutOfRangeIsRefused(String body, String error) {
        assertRefused(body, fields -> fields.wholeNumber("n", "bytes", 1, 100), error);
    }

    @Test
    void aStringOfTheWrongTypeIsRefused() {
        assertRefused("{\"s\": 1}", fields -> fields.string("s"), "\"s\" is not a string");
        assertRefused("{\"s\": null}", fields -> fields.optionalString("s"), "\"s\" is not a string (it is null)");
    }

    private static JsonFields parse(String body) {
        return JsonFields.parse(body.getBytes(StandardCharsets.UTF_8));
    }

    private static ApiException assertRefused(String body, Consumer<JsonFields> use, String error) {
        ApiException e = catchThrowableOfType(ApiException.class, () -> use.accept(parse(body)));
        assertThat(e).as(body).isNotNull();
        assertThat(e.status()).isEqualTo(400);
        assertThat(e.error()).startsWith(error);
        assertThat(e.error().lines()).hasSize(1);
        return e;
    }
}
