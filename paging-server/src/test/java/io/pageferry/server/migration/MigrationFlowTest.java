package io.pageferry.server.migration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The life of migrations over HTTP, from the request to the end. */
class MigrationFlowTest {
    private static final String BY_NETWORK =
            "{\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"b\",\"options\":{\"via\":\"network\"}}";

    @TempDir
    private Path pool;

    private MigrationServer server;
    private ControlCalls calls;
    private FakeAgent a;
    private FakeAgent b;

    @BeforeEach
    void start() throws IOException {
        start(7);
    }

    /** Starts a server on the pool as it is, which hears of a program that waits, as a process of this number. */
    private void start(long waiting) throws IOException {
        server = MigrationServer.start(pool, Duration.ofSeconds(30), (space, epoch) -> {});
        calls = new ControlCalls(server.url());
        a = FakeAgent.registered(calls, "a");
        b = FakeAgent.registered(calls, "b");
        a.hosts("vm", "running").ok();
        b.hosts("vm", "incoming", 1 << 20, waiting).ok();
    }

    @AfterEach
    void stop() throws IOException {
        calls.close();
        server.close();
    }

    @Test
    void aPartitionGoesFromOneAgentToTheOther() {
        String id = create("{\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"b\"}");
        assertThat(partition().path("next-endpoint").asString()).isEqualTo("b:1");
        String token = a.quiesces(id);
        assertThat(partition().path("state").asString()).isEqualTo("switching");

        JsonNode committed = a.commits(id, token).ok();

        assertThat(committed.path("status").asString()).isEqualTo("postcopy-active");
        assertThat(committed.path("epoch").asLong()).isEqualTo(2);
        assertThat(committed.has("lease-token"))
                .as("the source learns no token")
                .isFalse();
        assertThat(b.workOn(id).path("lease-token").asString()).hasSize(32).isNotEqualTo(token);
        assertThat(partition().path("agent").asString()).isEqualTo("b");
        assertThat(partition().path("endpoint").asString()).isEqualTo("b:1");
        assertThat(partition().path("state").asString()).isEqualTo("switching");

        b.says("target", id, "resumed").ok();
        assertThat(partition().path("state").asString()).isEqualTo("running");
        b.hosts("vm", "running").ok();
        b.says("target", id, "completed").ok();
        assertThat(migration(id).path("status").asString()).isEqualTo("completed");
        assertThat(partition().has("migration")).isFalse();
    }

    @Test
    void byTheNetworkAnotherWaitingProgramEndsTheMigration() {
        String id = create(BY_NETWORK);
        String token = a.quiesces(id);
        b.hosts("vm", "incoming", 1 << 20, 8).ok();
        a.commits(id, token).refused(409, "failed");
        assertThat(partition().path("agent").asString()).isEqualTo("a");
    }

    /** Who had waited when it began is durable: a server that has started anew has not seen that one go. */
    @Test
    void aServerThatHasStartedAnewDoesNotCommitToItEither() throws IOException {
        String id = create(BY_NETWORK);
        String token = a.quiesces(id);
        stop();
        start(8);
        a.commits(id, token).refused(409, "cannot be committed while it is failed");
        assertThat(migration(id).path("error").asString()).isEqualTo("the program is gone from agent b");

        String again = create(BY_NETWORK);
        String newToken = a.quiesces(again);
        stop();
        start(8);
        assertThat(a.commits(again, newToken).ok().path("status").asString()).isEqualTo("postcopy-active");
    }

    @Test
    void nothingGoesByTheNetworkWhilePagesMayBeInTheSpaceAlone() {
        String id = create("{\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"b\"}");
        a.commits(id, a.quiesces(id)).ok();
        b.says("target", id, "resumed").ok();
        b.hosts("vm", "running").ok();
        a.hosts("vm", "incoming").ok();
        String back = BY_NETWORK.replace("\"b\"", "\"a\"");
        calls.post("/v1/migrations", back).refused(409, "are in its space alone as long as " + id + " fills");
        b.says("target", id, "completed").ok();
        create(back);
    }

    @Test
    void whoAsksToCommitAgainGetsTheSameAnswer() {
        String id = create("{\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"b\"}");
        String token = a.quiesces(id);
        JsonNode first = a.commits(id, token).ok();

        for (int i = 0; i < 3; i++) {
            JsonNode again = a.commits(id, token).ok();
            assertThat(again.path("status")).isEqualTo(first.path("status"));
            assertThat(again.path("epoch")).isEqualTo(first.path("epoch"));
        }
        b.says("target", id, "failed").ok();
        assertThat(a.commits(id, token).ok().path("committed").asBoolean())
                .as("it stays the target's")
                .isTrue();
        assertThat(partition().path("epoch").asLong()).isEqualTo(2);
    }

    @Test
    void aSuspendReleasesTheLeaseAndAResumeTakesItUpOnAnyAgent() {
        String id = create("{\"kind\":\"suspend\",\"partition\":\"vm\"}");
        String token = a.quiesces(id);
        assertThat(a.commits(id, token).ok().path("status").asString()).isEqualTo("completed");
        assertThat(partition().path("state").asString()).isEqualTo("suspended");
        assertThat(partition().has("agent")).isFalse();
        assertThat(server.catalog().lease("vm")).isEmpty();
        assertThat(a.commits(id, token).ok().path("status").asString()).isEqualTo("completed");

        String resume = create("{\"kind\":\"resume\",\"partition\":\"vm\",\"to\":\"b\"}");
        JsonNode work = b.workOn(resume);
        assertThat(work.path("status").asString()).isEqualTo("postcopy-active");
        assertThat(work.path("lease-token").asString())
                .isEqualTo(server.catalog().lease("vm").orElseThrow().token());
        assertThat(partition().path("epoch").asLong()).isEqualTo(3);
        b.says("target", resume, "resumed").ok();
        b.says("target", resume, "completed").ok();
        b.hosts("vm", "running").ok();
        assertThat(partition().path("state").asString()).isEqualTo("running");
    }

    @Test
    void aCancelledMigrationLeavesThePartitionWhereItWas() {
        String id = create("{\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"b\"}");
        String token = a.quiesces(id);
        assertThat(calls.post("/v1/migrations/" + id + "/cancel", "").status()).isEqualTo(202);
        assertThat(a.commits(id, token)
                        .refused(409, "cannot be committed", "cancelling")
                        .body()
                        .path("migration")
                        .path("status")
                        .asString())
                .isEqualTo("cancelling");
        a.says("source", id, "cancelled").ok();
        calls.post("/v1/migrations/" + id + "/cancel", "").refused(409, "cancelled");
        assertThat(partition().path("state").asString()).isEqualTo("running");
        assertThat(partition().path("agent").asString()).isEqualTo("a");
        assertThat(partition().path("epoch").asLong()).isEqualTo(1);
    }

    @Test
    void aThirdAgentTakesOverWhileTheSecondStillFills() {
        String first = create("{\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"b\"}");
        a.commits(first, a.quiesces(first)).ok();
        FakeAgent c = FakeAgent.registered(calls, "c");
        c.hosts("vm", "incoming").ok();
        String again = "{\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"c\"}";
        calls.post("/v1/migrations", again).refused(409, "is just being switched over");
        b.says("target", first, "resumed").ok();

        String second = create(again);
        b.commits(second, b.quiesces(second)).ok();

        assertThat(migration(first).path("status").asString()).isEqualTo("completed");
        b.says("target", first, "completed").ok();
        assertThat(partition().path("agent").asString()).isEqualTo("c");
        assertThat(partition().path("epoch").asLong()).isEqualTo(3);
    }

    @Test
    void figuresAndTimelineOfBothSidesAreShown() {
        String id = create("{\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"b\"}");
        a.reports(
                        "source",
                        id,
                        "{\"state\":\"active\",\"progress\":{\"ram\":{\"transferred\":4096,\"mbps\":1.5}},"
                                + "\"timeline\":[{\"step\":\"armed\",\"at-ns\":20}]}")
                .ok();
        b.reports("target", id, "{\"timeline\":[{\"step\":\"prefetch\",\"at-ns\":10}]}")
                .ok();

        JsonNode migration = migration(id);
        assertThat(migration.path("source-progress").path("ram").path("mbps").asDouble())
                .isEqualTo(1.5);
        assertThat(migration.path("timeline").toString())
                .isEqualTo("[{\"step\":\"prefetch\",\"side\":\"target\",\"at-ns\":10},"
                        + "{\"step\":\"armed\",\"side\":\"source\",\"at-ns\":20}]");
    }

    private String create(String json) {
        JsonNode created = calls.post("/v1/migrations", json).ok();
        return created.path("id").asString();
    }

    private JsonNode partition() {
        return calls.get("/v1/partitions/vm").ok();
    }

    private JsonNode migration(String id) {
        return calls.get("/v1/migrations/" + id).ok();
    }
}
