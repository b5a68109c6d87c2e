package io.pageferry.server.migration;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import io.pageferry.migration.MigrationState;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Records as the catalog keeps them. Fields that are not known are passed over, so that a later version may add some. */
final class RecordJson {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_ABSENT))
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .addMixIn(MigrationState.class, ByWord.class)
            .build();

    private RecordJson() {}

    // The states belong to a module that knows no JSON.
    private interface ByWord {
        @JsonValue
        String word();
    }

    static byte[] write(Object record) {
        return MAPPER.writeValueAsBytes(record);
    }

    static <T> T read(byte[] json, Class<T> type) {
        return MAPPER.readValue(json, type);
    }
}
