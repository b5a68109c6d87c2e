package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.manifest.SpaceLayout;
import io.pageferry.testing.TestSeed;
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
                    fellBack = cut > 0 && Figures.of(done.path("source-progress"), "direct-path") == 0;
                    if (fellBack) {
                        assertThat(fallbacks(done.path("source-progress"))).isEqualTo(1);
                        assertThat(Figures.of(done.path("source-progress"), "nbd-unix"))
                                .isEqualTo(1);
                    }
                    ballast.verify();
                }
                assertThat(fellBack).as("a source went on by NBD").isTrue();
                assertThat(load.failures()).isEmpty();
                load.verify();
            }
        }
    }

    private static long fallbacks(JsonNode side) {
        return Figures.of(side, "path-fallbacks");
    }

    @Test
    void byTheNetworkAllPagesComeEvenWhereNothingIsPrefetched() throws Exception {
        long seed = TestSeed.choose(DirectMoveTest.class);
        try (Cluster cluster = Cluster.start("64M", "--no-prefetch")) {
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
                JsonNode source = done.path("source-progress");
                assertThat(Figures.of(source, "streams")).isEqualTo(2);
                assertThat(source.has("nbd-unix") || source.has("direct-path")).isFalse();
                assertThat(Figures.of(source, "first-pass-pages"))
                        .isBetween((16L << 20) / SpaceLayout.PAGE_BYTES, Figures.of(source, "normal"));
                load.awaitOperations(20);
                assertThat(load.failures()).isEmpty();
                load.verify();
            }
            ballast.verify();
        }
    }
}
