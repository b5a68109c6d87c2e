package io.pageferry.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MigrationCommandsTest {
    private static final String MIGRATION =
            "{\"id\":\"m-3\",\"partition\":\"vm\",\"kind\":\"migrate\",\"source\":\"a\","
                    + "\"target\":\"b\",\"status\":\"STATUS\",\"epoch\":2,\"version\":5,\"total-time-ms\":120,"
                    + "\"source-progress\":{\"eviction-time-ms\":90,\"downtime\":12,"
                    + "\"ram\":{\"total\":8192,\"remaining\":4096,\"mbps\":8.0,"
                    + "\"dirty-pages-rate\":7}},\"target-progress\":{\"blocktime-ms\":3,\"ram\":{\"mbps\":9.0,\"postcopy-requests\":2}},"
                    + "\"options\":{\"max-rounds\":20},"
                    + "\"timeline\":[{\"step\":\"quiesced\",\"side\":\"source\",\"at-ns\":1000000},"
                    + "{\"step\":\"resumed\",\"side\":\"target\",\"at-ns\":3500000}]}\n";
    private static final String COMPLETED = MIGRATION.replace("STATUS", "completed");
    private static final String FAILED =
            MIGRATION.replace("STATUS", "failed").replace("\"epoch\"", "\"error\":\"agent b is gone\",\"epoch\"");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @AfterEach
    void noTerminal() {
        System.clearProperty(ProgressLine.TERMINAL_PROPERTY);
    }

    @Test
    void migrateSendsWhatWasGivenAndNothingElse() throws IOException {
        try (ScriptedServer server = new ScriptedServer(201, COMPLETED)) {
            assertThat(run(server, "migrate vm --to b --max-downtime 0.5s --at-bound abort"))
                    .isZero();
            assertThat(run(server, "suspend vm --max-rounds 3")).isZero();
            assertThat(run(server, "resume vm --on b")).isZero();
            assertThat(server.requests())
                    .containsExactly(
                            "POST /v1/migrations {\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"b\","
                                    + "\"options\":{\"max-downtime-ms\":500,\"at-bound\":\"abort\"}}",
                            "POST /v1/migrations {\"kind\":\"suspend\",\"partition\":\"vm\",\"options\":{\"max-rounds\":3}}",
                            "POST /v1/migrations {\"kind\":\"resume\",\"partition\":\"vm\",\"to\":\"b\"}");
        }
    }

    @Test
    void migrateSendsWhichWayThePagesAreToGo() throws IOException {
        try (ScriptedServer server = new ScriptedServer(201, COMPLETED)) {
            assertThat(run(server, "migrate vm --to b --via network --streams 3"))
                    .isZero();
            assertThat(run(server, "migrate vm --to b --via storage --area shared --path auto"))
                    .isZero();
            assertThat(run(server, "migrate vm --to b --area own --path nbd")).isZero();
            assertThat(run(server, "suspend vm --path direct")).isZero();
            String toB = "POST /v1/migrations {\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"b\",\"options\":";
            assertThat(server.requests())
                    .containsExactly(
                            toB + "{\"via\":\"network\",\"streams\":3}}",
                            toB + "{\"via\":\"storage\",\"area\":\"shared\",\"path\":\"auto\"}}",
                            toB + "{\"area\":\"own\",\"path\":\"nbd\"}}",
                            "POST /v1/migrations {\"kind\":\"suspend\",\"partition\":\"vm\",\"options\":{\"path\":\"direct\"}}");
        }
    }

    @Test
    void statusAsJsonHasTheShapeOfQueryMigrate() throws IOException {
        try (ScriptedServer server = new ScriptedServer(200, COMPLETED)) {
            assertThat(run(server, "status m-3 --json")).isZero();
        }
        JsonNode status = JsonMapper.shared().readTree(out.toString());
        assertThat(status.path("status").asString()).isEqualTo("completed");
        assertThat(status.path("total-time").asLong()).isEqualTo(120);
        assertThat(status.path("downtime").asLong()).isEqualTo(12);
        assertThat(status.path("ram").path("mbps").asDouble()).isEqualTo(8.0);
        assertThat(status.path("ram").path("postcopy-requests").asLong()).isEqualTo(2);
        assertThat(status.path("blocktime-ms").asLong()).isEqualTo(3);
        assertThat(status.path("target-side").toString()).isEqualTo("{\"ram\":{\"mbps\":9.0}}");
        assertThat(status.has("error-desc")).as("what does not apply is absent").isFalse();
        assertThat(status.path("timeline")).hasSize(2);
    }

    @Test
    void statusAsTextTellsTheFiguresAndTheTimeline() throws IOException {
        try (ScriptedServer server = new ScriptedServer(200, COMPLETED)) {
            assertThat(run(server, "status m-3")).isZero();
        }
        assertThat(out.toString().lines())
                .startsWith("m-3: migrate vm from a to b, completed")
                .contains("resumed   target  2.500 ms")
                .anyMatch(line -> line.matches("ram\\.remaining +4 KiB"))
                .anyMatch(line -> line.matches("downtime +12 ms"));
    }

    @Test
    void aMigrationThatFailedIsOneLineOnStderrAndExitCode1() throws IOException {
        try (ScriptedServer server = new ScriptedServer(200, FAILED)) {
            assertThat(run(server, "migrate vm --to b")).isEqualTo(1);
            assertThat(run(server, "status m-3 --watch")).isEqualTo(1);
            assertThat(run(server, "status m-3")).as("showing it is no failure").isZero();
        }
        assertThat(err.toString().lines()).hasSize(2).allMatch("pageferry: m-3 failed: agent b is gone"::equals);
    }

    @Test
    void aWatchWithoutAnIdFollowsTheNewestThatRuns() throws IOException {
        String over = "{\"id\":\"m-9\",\"status\":\"completed\",\"created\":\"2026-11-22T01:20:00Z\"}";
        String older = "{\"id\":\"m-2\",\"status\":\"active\",\"created\":\"2026-11-22T01:15:00.5Z\"}";
        String newer = "{\"id\":\"m-3\",\"status\":\"active\",\"created\":\"2026-11-22T01:16:00Z\"}";
        String listing = "{\"migrations\":[" + newer + "," + older + "," + over + "]";
        // The one answer of this server is also that of each single migration: of the one that is asked for, it is
        // over.
        try (ScriptedServer server = new ScriptedServer(200, listing + ",\"status\":\"completed\"}")) {
            assertThat(run(server, "status --watch")).isZero();
            assertThat(server.requests().getFirst()).isEqualTo("GET /v1/migrations");
            assertThat(server.requests().get(1)).startsWith("GET /v1/migrations/m-3?");
        }
    }

    @Test
    void aWatchWithoutAnIdSaysSoWhereNothingRuns() throws IOException {
        try (ScriptedServer server = new ScriptedServer(200, "{\"migrations\":[]}")) {
            assertThat(run(server, "status --watch")).isEqualTo(1);
        }
        assertThat(err).hasToString("pageferry: no migration is under way (status lists those that were)\n");
    }

    @Test
    void progressIsShownOnATerminalOnly() throws IOException {
        try (ScriptedServer server = new ScriptedServer(200, COMPLETED)) {
            assertThat(run(server, "status m-3 --watch")).isZero();
            assertThat(err.toString()).isEmpty();
            System.setProperty(ProgressLine.TERMINAL_PROPERTY, "true");
            assertThat(run(server, "status m-3 --watch")).isZero();
        }
        assertThat(err.toString()).startsWith("\r[########################] 100% completed");
    }

    @Test
    void theProgressLineTellsPhaseRateRemainderAndDirtyRate() {
        JsonNode active = JsonMapper.shared().readTree(MIGRATION.replace("STATUS", "active"));
        assertThat(ProgressLine.text(active))
                .isEqualTo("[############------------]  50% active  976.6 KiB/s  remaining 4 KiB  dirty 7 pages/s");
        JsonNode setup = JsonMapper.shared().readTree("{\"status\":\"setup\"}");
        assertThat(ProgressLine.text(setup)).isEqualTo("[------------------------]   0% setup");
    }

    @Test
    void cancelSaysWhereThePartitionStays() throws IOException {
        try (ScriptedServer server = new ScriptedServer(202, MIGRATION.replace("STATUS", "cancelling"))) {
            assertThat(run(server, "cancel m-3")).isZero();
            assertThat(server.requests()).containsExactly("POST /v1/migrations/m-3/cancel");
        }
        assertThat(out).hasToString("cancelling m-3: vm stays on agent a\n");
    }

    @Test
    void agentsAndPartitionsAreTables() throws IOException {
        String agents = "{\"agents\":[{\"name\":\"a\",\"alive\":true,\"last-seen-ms-ago\":1200,\"partitions\":"
                + "[{\"name\":\"vm\",\"state\":\"running\"}]}]}";
        try (ScriptedServer server = new ScriptedServer(200, agents)) {
            assertThat(run(server, "agents")).isZero();
        }
        String partitions =
                "{\"partitions\":[{\"name\":\"vm\",\"size-bytes\":1048576,\"state\":\"suspended\",\"epoch\":3}]}";
        try (ScriptedServer server = new ScriptedServer(200, partitions)) {
            assertThat(run(server, "partitions")).isZero();
        }
        assertThat(out.toString().lines())
                .containsExactly(
                        "NAME  ALIVE     SEEN  PROGRAMS",
                        "a     yes    1 s ago  vm (running)",
                        "NAME   SIZE  STATE      AGENT  ENDPOINT  EPOCH  MIGRATION",
                        "vm    1 MiB  suspended  -      -             3  -");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "migrate",
                "migrate vm",
                "migrate vm --to",
                "migrate vm --to b --max-downtime 300",
                "migrate vm --to b --max-downtime 0.5ms",
                "migrate vm --to b --at-bound panic",
                "migrate vm --to b --path tcp",
                "migrate vm --to b --via pigeon",
                "migrate vm --to b --area mine",
                "migrate vm --to b --streams two",
                "suspend vm --to b",
                "resume vm",
                "cancel"
            })
    void aWrongCommandIsOneLineAndExitCode2(String command) {
        assertThat(run(List.of(command.split(" ")))).isEqualTo(2);
        assertThat(err.toString().lines()).singleElement().asString().startsWith("pageferry: ");
    }

    private int run(ScriptedServer server, String command) {
        List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
        arguments.add("--server=" + server.url());
        return run(arguments);
    }

    private int run(List<String> arguments) {
        return PageferryMain.run(new PrintWriter(out), new PrintWriter(err), arguments.toArray(String[]::new));
    }
}
