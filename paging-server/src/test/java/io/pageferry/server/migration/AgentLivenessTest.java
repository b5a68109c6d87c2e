package io.pageferry.server.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Agents that fall silent, come back, are replaced, or find another server than they left. */
class AgentLivenessTest {
    private static final Duration SHORT_PATIENCE = Duration.ofSeconds(2);

    @TempDir
    private Path pool;

    private MigrationServer server;
    private ControlCalls calls;

    @BeforeEach
    void start() throws IOException {
        start(MigrationService.PATIENCE);
    }

    /** For tests in which somebody falls silent; in the others nobody counts as gone, however slow the disk is. */
    private void restartWithShortPatience() throws IOException {
        stop();
        start(SHORT_PATIENCE);
    }

    private void start(Duration patience) throws IOException {
        server = MigrationServer.start(pool, patience, (space, epoch) -> {});
        calls = new ControlCalls(server.url());
    }

    @AfterEach
    void stop() throws IOException {
        calls.close();
        server.close();
    }

    @Test
    void whenTheSourceFallsSilentItsMigrationFailsAndThePartitionIsLostUntilItIsBack() throws IOException {
        restartWithShortPatience();
        FakeAgent a = hosting("a", "running");
        FakeAgent b = hosting("b", "incoming");
        migrate("b");
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            b.work(0, 0);
            return migration().path("status").asString().equals("failed");
        });
        assertThat(migration().path("error").asString()).isEqualTo("agent a is gone");
        assertThat(partition().path("state").asString()).isEqualTo("lost");

        a.work(0, 0);
        assertThat(partition().path("state").asString()).isEqualTo("running");
        assertThat(partition().path("agent").asString()).isEqualTo("a");
    }

    @Test
    void whenTheTargetFallsSilentBeforeTheCommitItFails() throws IOException {
        restartWithShortPatience();
        FakeAgent a = hosting("a", "running");
        hosting("b", "incoming");
        migrate("b");
        String token = a.quiesces("m-1");
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            a.work(0, 0);
            return migration().path("status").asString().equals("failed");
        });
        a.commits("m-1", token).refused(409, "cannot be committed while it is failed");
        assertThat(partition().path("state").asString()).isEqualTo("running");
    }

    @Test
    void aTargetWhoseProgramIsGoneIsNotCommittedTo() {
        FakeAgent a = hosting("a", "running");
        FakeAgent b = hosting("b", "incoming");
        migrate("b");
        a.quiesces("m-1");
        b.hostsNothing().ok();
        assertThat(migration().path("error").asString()).isEqualTo("the program is gone from agent b");
        assertThat(partition().path("agent").asString()).isEqualTo("a");
    }

    @Test
    void aSilentTargetAfterTheCommitKeepsThePartition() throws IOException {
        restartWithShortPatience();
        FakeAgent a = hosting("a", "running");
        FakeAgent b = hosting("b", "incoming");
        migrate("b");
        a.commits("m-1", a.quiesces("m-1")).ok();
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            a.hosts("vm", "running").ok(); // a lie: it has given it away
            return partition().path("state").asString().equals("lost");
        });
        a.hosts("vm", "running").ok();
        assertThat(partition().path("agent").asString()).isEqualTo("b");
        assertThat(partition().path("epoch").asLong()).isEqualTo(2);

        b.hosts("vm", "running").ok();
        assertThat(partition().path("state").asString()).isEqualTo("running");
    }

    @Test
    void aSecondProcessOfTheSameNameIsRefusedWhileTheFirstIsAlive() throws IOException {
        restartWithShortPatience();
        FakeAgent first = hosting("a", "running");
        FakeAgent second = new FakeAgent(calls, "a");
        second.tryRegister(2).refused(409, "an agent named a is alive (process 1)");
        String session = first.session();
        first.register(1);
        assertThat(first.session()).as("the same process begins anew").isNotEqualTo(session);
        assertThat(first.hosts("vm", "running").status()).isEqualTo(204);

        await().atMost(Duration.ofSeconds(30)).until(() -> second.tryRegister(2).status() == 200);
        second.register(2);
        first.hosts("vm", "running").refused(401, "Pageferry-Session");
    }

    @Test
    void aRestartedAgentReportsAgainWhatItHas() throws IOException {
        restartWithShortPatience();
        hosting("a", "running");
        FakeAgent again = new FakeAgent(calls, "a");
        await().atMost(Duration.ofSeconds(30)).until(() -> again.tryRegister(2).status() == 200);
        again.register(2);
        again.hosts("vm", "running").ok();
        assertThat(partition().path("state").asString()).isEqualTo("running");
        assertThat(partition().path("epoch").asLong())
                .as("it never changed hands")
                .isEqualTo(1);
    }

    @Test
    void anAgentThatLeavesEndsItsMigrationsAtOnce() {
        FakeAgent a = hosting("a", "running");
        hosting("b", "incoming");
        migrate("b");
        assertThat(calls.delete("/v1/agents/a", a.session()).status()).isEqualTo(204);
        assertThat(migration().path("error").asString()).isEqualTo("agent a has left");
    }

    @Test
    void afterARestartOfTheServerMigrationsGoOnOnceTheAgentsAreBack() throws IOException {
        FakeAgent a = hosting("a", "running");
        hosting("b", "incoming");
        migrate("b");
        a.says("source", "m-1", "active").ok();
        long version = a.work(0, 0).path("version").asLong();
        stop();
        start();
        FakeAgent back = new FakeAgent(calls, "a");
        back.hosts("vm", "running").refused(404, "no agent named a is registered");
        assertThat(partition().path("state").asString()).isEqualTo("running");
        back.register(1);
        back.hosts("vm", "running").ok();
        hosting("b", "incoming");
        JsonNode work = back.work(version, 60_000);
        assertThat(work.path("version").asLong()).isGreaterThan(version);
        assertThat(back.workOn("m-1").path("status").asString()).isEqualTo("active");
        back.commits("m-1", back.quiesces("m-1")).ok();
    }

    @Test
    void aWorkPollEndsWithTheStepItWaitsFor() {
        FakeAgent a = hosting("a", "running");
        hosting("b", "incoming");
        long version = a.work(0, 0).path("version").asLong();
        assertThat(a.work(version, 10).path("migrations")).isEmpty();
        Thread.ofVirtual().start(() -> migrate("b"));
        JsonNode work = a.work(version, 60_000);
        while (work.path("migrations").isEmpty()) {
            work = a.work(work.path("version").asLong(), 60_000);
        }
        assertThat(work.path("migrations").get(0).path("id").asString()).isEqualTo("m-1");
        long before = work.path("version").asLong();
        a.says("source", "m-1", "failed").ok();
        JsonNode after = a.work(before, 60_000);
        assertThat(after.path("migrations").get(0).path("status").asString()).isEqualTo("failed");
        assertThat(a.work(after.path("version").asLong(), 0).path("migrations")).isEmpty();
    }

    private FakeAgent hosting(String name, String state) {
        FakeAgent agent = FakeAgent.registered(calls, name);
        agent.hosts("vm", state).ok();
        return agent;
    }

    private void migrate(String to) {
        calls.post("/v1/migrations", "{\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"" + to + "\"}")
                .ok();
    }

    private JsonNode migration() {
        return calls.get("/v1/migrations/m-1").ok();
    }

    private JsonNode partition() {
        return calls.get("/v1/partitions/vm").ok();
    }
}
