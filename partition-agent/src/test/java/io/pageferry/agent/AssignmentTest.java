package io.pageferry.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class AssignmentTest {
    @ParameterizedTest
    @CsvSource({
        "migrate, 6, false",
        "migrate, 7, true",
        "migrate, 8, false",
        "resume, 1, true",
        "resume, 6, true",
        "resume, 7, false",
        "resume, 8, false"
    })
    void aManifestIsOfTheMigrationsOwnCommitAndOfAResumeOfOneBefore(String kind, long generation, boolean isIt) {
        String migration = "{\"id\":\"m-1\",\"partition\":\"vm\",\"space\":\"vm\",\"kind\":\"" + kind
                + "\",\"status\":\"postcopy-active\",\"committed\":true,\"epoch\":7}";
        Assignment assignment = Assignment.of(JsonMapper.shared().readTree(migration));
        assertThat(assignment.isCommitted(generation)).isEqualTo(isIt);
    }
}
