package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.TestSeed;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * A store moves while so much is written that thousands of pages are stale on the target when the source comes to rest. Invariant:
 * what a client was told is written is there, whether the target took up the last pages or dropped what it held of them.
 */
class BusyMoveTest {
    private static final int WRITERS = 24;
    private static final int MOVES = 6;
    /** More than a target waits for over NBD. */
    private static final int MANY_PAGES = 256;
    /** Whatever was written since the first pass goes at the end. */
    private static final Map<String, Integer> NO_ROUNDS = Map.of("max-rounds", 0, "max-downtime-ms", 1);

    @Test
    void nothingIsLostOverNbd() throws Exception {
        try (Cluster cluster = Cluster.start("96M")) {
            moveToAndFro(cluster, "nbd-unix");
        }
    }

    @Test
    void nothingIsLostByTheDirectPath() throws Exception {
        try (Cluster cluster = Cluster.startDirect("96M")) {
            moveToAndFro(cluster, "direct-path");
        }
    }

    /** @param way the figure that says which way the pages go */
    private static void moveToAndFro(Cluster cluster, String way) throws Exception {
        long seed = TestSeed.choose(BusyMoveTest.class);
        cluster.startAgents("a", "b");
        cluster.startStore("a");
        int gateway = cluster.startGateway();
        Ballast ballast = new Ballast(gateway, seed);
        ballast.fill(40 << 20);
        Operator operator = cluster.operator();
        long mostLastPages = 0;
        try (Load load = Load.start(gateway, WRITERS, seed)) {
            for (int move = 0; move < MOVES; move++) {
                load.awaitOperations(40);
                String to = move % 2 == 0 ? "b" : "a";
                cluster.startTwin(to);
                operator.awaitIncoming(to);
                String id = operator.migrate(to, NO_ROUNDS);
                operator.await(id, "completed");
                // What the source has to tell may come a moment later.
                operator.awaitStep(id, "evicted");
                JsonNode done = operator.migration(id);
                assertThat(Figures.of(done.path("target-progress"), way))
                        .as(way)
                        .isEqualTo(1);
                mostLastPages = Math.max(mostLastPages, Figures.of(done.path("source-progress"), "last-pages"));
            }
            assertThat(mostLastPages).as("pages that were written last").isGreaterThan(MANY_PAGES);
            load.verify();
        }
        ballast.verify();
    }
}
