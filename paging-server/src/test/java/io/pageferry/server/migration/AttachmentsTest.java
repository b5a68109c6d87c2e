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

/** Who owns a partition when several programs bear its name. */
class AttachmentsTest {
    private static final long SIZE_BYTES = 1 << 20;

    @TempDir
    private Path pool;

    private MigrationServer server;
    private ControlCalls calls;
    private FakeAgent a;
    private FakeAgent b;

    @BeforeEach
    void start() throws IOException {
        server = MigrationServer.start(pool, Duration.ofSeconds(2), (space, epoch) -> {});
        calls = new ControlCalls(server.url());
        a = FakeAgent.registered(calls, "a");
        b = FakeAgent.registered(calls, "b");
        a.hosts("vm", "running").ok();
    }

    @AfterEach
    void stop() throws IOException {
        calls.close();
        server.close();
    }

    @Test
    void aTwinOwnsNothingAlsoWhenTheOwnerFallsSilent() {
        b.hosts("vm", "new").ok();
        assertThat(owner()).isEqualTo("a 1");
        a.work(0, 0);
        untilLost();
        b.hosts("vm", "new").ok();
        b.hosts("vm", "running").ok();
        assertThat(owner()).isEqualTo("a 1");

        a.work(0, 0);
        assertThat(partition().path("state").asString()).isEqualTo("running");
    }

    @Test
    void aProgramThatIsStartedAnewAfterItsOwnerWasLostTakesItsPlaceAndTheLease() {
        b.hosts("vm", "incoming").ok();
        calls.post("/v1/migrations", "{\"kind\":\"migrate\",\"partition\":\"vm\",\"to\":\"b\"}")
                .ok();
        assertThat(server.catalog().lease("vm").orElseThrow().holder()).isEqualTo("a");
        untilLost();
        b.hosts("vm", "new", SIZE_BYTES, 8).ok();

        assertThat(owner()).isEqualTo("b 2");
        assertThat(server.catalog().lease("vm").orElseThrow().holder()).isEqualTo("b");
        a.hosts("vm", "running").ok();
        assertThat(owner()).as("who comes back late owns nothing").isEqualTo("b 2");
    }

    @Test
    void whenTheOwnerSaysThatItsProgramIsGoneTheNextOneOwnsThePartition() {
        a.hostsNothing().ok();
        assertThat(partition().path("state").asString()).isEqualTo("lost");
        b.hosts("vm", "running", 2 * SIZE_BYTES).ok();
        assertThat(owner()).isEqualTo("b 2");
        assertThat(partition().path("size-bytes").asLong()).isEqualTo(2 * SIZE_BYTES);
    }

    @Test
    void aSuspendedPartitionIsNobodysUntilItIsResumed() {
        String id = calls.post("/v1/migrations", "{\"kind\":\"suspend\",\"partition\":\"vm\"}")
                .ok()
                .path("id")
                .asString();
        a.commits(id, a.quiesces(id)).ok();
        a.hosts("vm", "departed").ok();
        b.hosts("vm", "new").ok();
        assertThat(partition().path("state").asString()).isEqualTo("suspended");
        assertThat(partition().has("agent")).isFalse();
    }

    @Test
    void theSameAgentMayRunAnotherProgramOfAnotherSize() {
        a.hosts("vm", "new", 2 * SIZE_BYTES, 9).ok();
        assertThat(owner()).isEqualTo("a 1");
        assertThat(partition().path("size-bytes").asLong()).isEqualTo(2 * SIZE_BYTES);
    }

    private void untilLost() {
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            b.work(0, 0);
            return partition().path("state").asString().equals("lost");
        });
    }

    private String owner() {
        return partition().path("agent").asString() + " "
                + partition().path("epoch").asLong();
    }

    private JsonNode partition() {
        return calls.get("/v1/partitions/vm").ok();
    }
}
