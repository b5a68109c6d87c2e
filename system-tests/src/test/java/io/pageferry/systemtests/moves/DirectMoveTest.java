package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.manifest.SpaceLayout;
import io.pageferry.testing.TestSeed;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Stores move by the direct path, and by the network; what goes wrong on the way costs the program nothing. */
class DirectMoveTest {
    private static final int WRITERS = 3;
    private static final int ATTEMPTS = 8;

    @Test
    void aSpaceThatIsFullFailsTheMigrationClearlyAndTheSourceGoesOn() throws Exception {
        long seed = TestSeed.choose(DirectMoveTest.class);
        try (Cluster cluster = Cluster.startDirect("64M")) {
            cluster.startAgents("a", "b");
            cluster.startStore("a");
            int gateway = cluster.startGateway();
            Ballast ballast = new Ballast(gateway, seed);
            ballast.fill(16 << 20);
            Operator operator = cluster.operator();
            operator.createSpace(SpaceLayout.sizeBytes((64 << 20) / SpaceLayout.PAGE_BYTES), 4 << 20);
            try (Load load = Load.start(gateway, WRITERS, seed)) {
                load.awaitOperations(20);
                cluster.startTwin("b");
                operator.awaitIncoming("b");
                JsonNode failed = operator.await(operator.migrate("b"), "failed");
                assertThat(failed.path("error").asString()).contains("quota of space store is used up");
                assertThat(Figures.of(failed.path("source-progress"), "direct-path"))
                        .isEqualTo(1);
                load.awaitOperations(50);
                assertThat(operator.partition().path("agent").asString()).isEqualTo("a");

                operator.deleteSpace();
                operator.awaitIncoming("b");
                operator.await(operator.migrate("b"), "completed");
                assertThat(load.failures()).isEmpty();
                load.verify();
            }
            ballast.verify();
        }
    }

    @Test
    void whenTheDirectPathBreaksInTheMiddleBothSidesGoOnByNbd() throws Exception {
        long seed = TestSeed.choose(DirectMoveTest.class);
        try (Cluster cluster = Cluster.startDirect("128M")) {
            cluster.startAgents("a", "b");
            cluster.startStore("a");
            int gateway = cluster.startGateway();
            Ballast ballast = new Ballast(gateway, seed);
            ballast.fill(96 << 20);
            Operator operator = cluster.operator();
            try (Load load = Load.start(gateway, WRITERS, seed)) {
                load.awaitOperations(20);
                String at = "a";
                boolean fellBack = false;
                // It may be over before it is broken: then it goes the other way.
                for (int attempt = 0; attempt < ATTEMPTS && !fellBack; attempt++) {
                    at = at.equals("a") ? "b" : "a";
                    cluster.startTwin(at);
                    operator.awaitIncoming(at);
                    String id = operator.migrate(at);
                    operator.await(id, "active", "pre-switchover", "postcopy-active", "completed");
                    int cut = StoppedProcess.cutConnections(cluster.server().pid(), cluster.directSocket());
                    JsonNode done = operator.await(id, "completed");
                    // Who asks nothing more does not see it: the target does if the source did, which was before the
                    // commit.
                    fellBack = cut == 2 && Figures.of(done.path("source-progress"), "direct-path") == 0;
                    if (fellBack) assertThatBothFellBack(done);
                    ballast.verify();
                }
                assertThat(fellBack).as("both sides went on by NBD").isTrue();
                assertThat(load.failures()).isEmpty();
                load.verify();
            }
        }
    }

    private static void assertThatBothFellBack(JsonNode migration) {
        for (String side : List.of("source", "target")) {
            JsonNode figures = migration.path(side + "-progress");
            assertThat(Figures.of(figures, "path-fallbacks")).as(side).isEqualTo(1);
            assertThat(Figures.of(figures, "direct-path")).as(side).isZero();
            assertThat(Figures.of(figures, "nbd-unix")).as(side).isEqualTo(1);
        }
        assertThat(migration.path("timeline").valueStream())
                .filteredOn(step -> step.path("step").asString().equals("fall-back-to-nbd"))
                .extracting(step -> step.path("side").asString())
                .containsExactlyInAnyOrder("source", "target");
    }

    @Test
    void byTheNetworkAllPagesComeEvenWhereNothingIsPrefetched() throws Exception {
        long seed = TestSeed.choose(DirectMoveTest.class);
        try (Cluster cluster = Cluster.startDirect("64M", "--no-prefetch")) {
            cluster.startAgents("a", "b");
            cluster.startStore("a");
            int gateway = cluster.startGateway();
            Ballast ballast = new Ballast(gateway, seed);
            ballast.fill(16 << 20);
            try (Load load = Load.start(gateway, WRITERS, seed)) {
                load.awaitOperations(20);
                cluster.startTwin("b");
                cluster.operator().awaitIncoming("b");
                String id = cluster.operator().migrate("b", Map.of("via", "network", "streams", 2));
                JsonNode done = cluster.operator().await(id, "completed");
                assertThat(done.path("options").path("order-out").asString()).isEqualTo("address");
                for (JsonNode side : List.of(done.path("source-progress"), done.path("target-progress"))) {
                    assertThat(Figures.of(side, "streams")).isEqualTo(2);
                    assertThat(side.has("nbd-unix") || side.has("direct-path")).isFalse();
                }
                JsonNode source = done.path("source-progress");
                assertThat(Figures.of(source, "first-pass-pages"))
                        .isBetween((16L << 20) / SpaceLayout.PAGE_BYTES, Figures.of(source, "normal"));
                JsonNode space = cluster.operator().space();
                assertThat(space.path("written-pages").asInt(-1)).isZero();
                assertThat(space.path("used-bytes").asInt(-1)).isZero();
                load.awaitOperations(20);
                assertThat(load.failures()).isEmpty();
                load.verify();
            }
            ballast.verify();
        }
    }
}
