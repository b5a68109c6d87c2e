package io.pageferry.server.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.server.migration.ControlCalls.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused says why, and changes nothing. */
class RefusalsTest {
    @TempDir
    private Path pool;

    private MigrationServer server;
    private ControlCalls calls;
    private FakeAgent a;
    private FakeAgent b;
    private String before = "";

    @BeforeEach
    void start() throws IOException {
        server = MigrationServer.start(pool, Duration.ofMinutes(10), (space, epoch) -> {});
        calls = new ControlCalls(server.url());
        a = FakeAgent.registered(calls, "a");
        b = FakeAgent.registered(calls, "b");
        a.hosts("vm", "running").ok();
        b.hosts("vm", "incoming").ok();
        before = everything();
    }

    @AfterEach
    void stop() throws IOException {
        calls.close();
        server.close();
    }

    @Test
    void anUnknownPartition() {
        migrate("nobody", "b").refused(404, "there is no partition nobody");
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void aPartitionOfWhichOnlyAWaitingProgramIsKnown() {
        a.hosts("other", "incoming").ok();
        migrate("other", "b").refused(404, "runs nowhere", "agent a");
        assertThat(calls.get("/v1/partitions/other").ok().path("state").asString())
                .isEqualTo("incoming");
    }

    @Test
    void anUnknownAgent() {
        migrate("vm", "nobody").refused(404, "there is no agent nobody");
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void theAgentThatHasThePartitionAlready() {
        migrate("vm", "a").refused(409, "is on agent a already");
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void aTargetThatIsNotIncoming() {
        b.hostsNothing().ok();
        migrate("vm", "b").refused(409, "agent b has no incoming program for partition vm");
        b.hosts("vm", "departed").ok();
        migrate("vm", "b").refused(409, "has no incoming program");
        assertThat(server.catalog().spaces()).isEmpty();
    }

    @Test
    void aTargetThatIsTooSmallOrTooLarge() {
        b.hosts("vm", "incoming", 4096).ok();
        migrate("vm", "b").refused(409, "too small", "4096", "1048576");
        b.hosts("vm", "incoming", 1 << 21).ok();
        migrate("vm", "b").refused(409, "too large");
        assertThat(server.catalog().spaces()).isEmpty();
    }

    @Test
    void aPartitionThatIsAlreadyMigrating() {
        migrate("vm", "b").ok();
        FakeAgent.registered(calls, "c").hosts("vm", "incoming").ok();
        before = everything();
        migrate("vm", "c").refused(409, "is already migrating (m-1, setup)");
        request("suspend", "vm", "").refused(409, "is already migrating");
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void aResumeOfWhatIsNotSuspendedAndAMigrateOfWhatIs() {
        request("resume", "vm", "b").refused(409, "is not suspended: agent a has it");
        String id = request("suspend", "vm", "").ok().path("id").asString();
        a.commits(id, a.quiesces(id)).ok();
        migrate("vm", "b").refused(409, "is suspended");
        request("suspend", "vm", "").refused(409, "is suspended");
        request("resume", "vm", "nobody").refused(404, "there is no agent nobody");
    }

    @Test
    void aPartitionThatItsAgentHasLost() {
        a.hostsNothing().ok();
        migrate("vm", "b").refused(409, "is lost");
    }

    @Test
    void aSpaceThatSomebodyElseHoldsTheLeaseOf() {
        migrate("vm", "b").ok();
        calls.post("/v1/migrations/m-1/cancel", "").ok();
        a.says("source", "m-1", "cancelled").ok();
        String token = server.catalog().lease("vm").orElseThrow().token();
        server.catalog().release("vm", token);
        server.catalog().acquire("vm", "somebody", Duration.ofMinutes(5));
        migrate("vm", "b").refused(409, "space vm is leased to somebody");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"kind\":\"move\",\"partition\":\"vm\",\"to\":\"b\"}",
                "{\"kind\":\"migrate\",\"partition\":\"vm\"}",
                "{\"kind\":\"suspend\",\"partition\":\"vm\",\"to\":\"b\"}",
                "{\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"b\",\"option\":{}}",
                "{\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"b\",\"options\":{\"max-downtime-ms\":0}}",
                "{\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"b\",\"options\":{\"max-rounds\":-1}}",
                "{\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"b\",\"options\":{\"at-bound\":\"panic\"}}",
                "{\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"b\",\"options\":[]}"
            })
    void aRequestThatIsWrongInItself(String json) {
        calls.post("/v1/migrations", json).refused(400);
        assertThat(everything()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "migrate | \"streams\":2 | a migration by the storage has no streams",
                "migrate | \"streams\":1,\"via\":\"storage\" | a migration by the storage has no streams",
                "migrate | \"path\":\"auto\",\"via\":\"network\" | a migration by the network has no path to the storage",
                "migrate | \"area\":\"shared\",\"via\":\"network\" | a migration by the network goes through no space",
                "suspend | \"via\":\"network\" | by the network pages go from agent to agent, and a suspend has one alone",
                "suspend | \"area\":\"shared\" | a shared area lasts as long as its migration"
            })
    void optionsOfWhichOneWouldBePassedOver(String kind, String options, String error) {
        String to = kind.equals("migrate") ? ",\"to\":\"b\"" : "";
        calls.post(
                        "/v1/migrations",
                        "{\"kind\":\"" + kind + "\",\"partition\":\"vm\"" + to + ",\"options\":{" + options + "}}")
                .refused(400, error);
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void whatIsNotSaidOfThePathIsNotShownOfIt() {
        assertThat(migrate("vm", "b").ok().path("options").has("path")).isFalse();
    }

    @Test
    void whoeverIsNotTheSourceNeitherReportsNorCommits() {
        migrate("vm", "b").ok();
        String token = a.quiesces("m-1");
        b.says("source", "m-1", "failed").refused(403, "agent b is not the source");
        b.commits("m-1", token).refused(403);
        a.commits("m-1", "0".repeat(32)).refused(403, "lease token");
        calls.post("/v1/migrations/m-1/commit", "{\"lease-token\":\"" + token + "\"}")
                .refused(401);
        calls.post("/v1/migrations/m-1/commit", "{\"lease-token\":\"" + token + "\"}", "0".repeat(32))
                .refused(401, "Pageferry-Session");
        assertThat(calls.get("/v1/migrations/m-1").ok().has("lease-token")).isFalse();
        assertThat(b.workOn("m-1").has("lease-token")).isFalse();
        assertThat(calls.get("/v1/partitions/vm").ok().path("agent").asString()).isEqualTo("a");
    }

    @Test
    void aStepThatTheStateDoesNotAllowIsAnsweredWithTheMigration() {
        migrate("vm", "b").ok();
        Reply refused = a.says("source", "m-1", "pre-switchover").refused(409, "is setup, so not pre-switchover");
        assertThat(refused.body().path("migration").path("status").asString()).isEqualTo("setup");
        b.says("target", "m-1", "completed").refused(409);
        b.says("target", "m-1", "resumed").refused(409);
        a.says("source", "m-1", "postcopy-active").refused(400, "not one that a source reports");
        a.says("source", "m-1", "active").ok();
        a.says("source", "m-1", "active").ok();
        a.says("source", "m-1", "pre-switchover").ok();
        a.says("source", "m-1", "active").ok();
    }

    @Test
    void unknownMigrations() {
        calls.get("/v1/migrations/m-99").refused(404, "there is no migration m-99");
        calls.post("/v1/migrations/m-99/cancel", "").refused(404);
    }

    private Reply migrate(String partition, String to) {
        return request("migrate", partition, to);
    }

    private Reply request(String kind, String partition, String to) {
        Optional<String> target = to.isEmpty() ? Optional.empty() : Optional.of(",\"to\":\"" + to + "\"");
        return calls.post(
                "/v1/migrations",
                "{\"kind\":\"" + kind + "\",\"partition\":\"" + partition + "\"" + target.orElse("") + "}");
    }

    private String everything() {
        return calls.get("/v1/partitions").ok() + " "
                + calls.get("/v1/migrations").ok().toString().replaceAll("\"total-time-ms\":\\d+", "") + " "
                + server.catalog().spaces() + server.catalog().lease("vm");
    }
}
