package io.pageferry.server.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * How the API writes and reads JSON: records as objects, names in kebab-case, times as ISO 8601 in UTC, and what does not
 * apply is absent. Reading refuses what a parser could take for two things: a field given twice, anything after the object.
 */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_ABSENT))
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private Json() {}

    /** One line, ended by a newline so that it reads well in a terminal. */
    static byte[] write(Object value) {
        return (MAPPER.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Throws JacksonException where {@code text} is not one JSON value. */
    static JsonNode read(String text) {
        return MAPPER.readTree(text);
    }
}
