package io.pageferry.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

class PathChoiceTest {
    /** The choice of an agent that was started with {@code own}, in a migration with these options. */
    private static PathChoice chosen(PathChoice own, String options) {
        String migration = "{\"options\":" + options + "}";
        return own.unless(Route.of(JsonMapper.shared().readTree(migration)).path());
    }

    @ParameterizedTest
    @EnumSource
    void whatAMigrationSaysGoesBeforeWhatTheAgentWasToldAndThatWhereItSaysNothing(PathChoice own) {
        assertThat(chosen(own, "{\"path\":\"auto\"}")).isEqualTo(PathChoice.AUTO);
        assertThat(chosen(own, "{\"path\":\"nbd\"}")).isEqualTo(PathChoice.NBD);
        assertThat(chosen(own, "{\"path\":\"direct\"}")).isEqualTo(PathChoice.DIRECT);
        assertThat(chosen(own, "{}")).isEqualTo(own);
    }
}
