package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.TestSeed;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * A partition moves on while it still arrives. Invariant: a page that is not here yet stays in the space, as the manifest
 * describes it, however often the partition moves; it is never sent again, and never taken for a hole.
 */
class ChainTest {
    private static final int WRITERS = 3;
    private static final long PAGE_COUNT = (64 << 20) / 4096;

    @Test
    void whatHasNotArrivedIsNotCopiedAgain() throws Exception {
        long seed = TestSeed.choose(ChainTest.class);
        // So slow that B has nearly nothing of it when it moves on: 64 MiB would take a minute.
        try (Cluster cluster = Cluster.start("64M", "--max-postcopy-bandwidth=1M", "--no-prefetch")) {
            cluster.startAgents("a", "b", "c");
            cluster.startStore("a");
            int gateway = cluster.startGateway();
            Ballast ballast = new Ballast(gateway, seed);
            ballast.fill(40 << 20);
            try (Load load = Load.start(gateway, WRITERS, seed)) {
                load.awaitOperations(50);
                Operator operator = cluster.operator();
                cluster.startTwin("b");
                cluster.startTwin("c");
                operator.awaitIncoming("b");
                operator.awaitIncoming("c");
                String first = operator.migrate("b");
                operator.await(first, "postcopy-active");
                operator.awaitRunningOn("b");
                load.awaitOperations(20);

                String second = operator.migrate("c");
                operator.await(second, "postcopy-active");
                operator.awaitRunningOn("c");
                assertThat(operator.migration(first).path("status").asString())
                        .as("what the first still had to bring goes to C")
                        .isEqualTo("completed");
                JsonNode out = operator.migration(second).path("source-progress");
                assertSentOnlyWhatWasHere(out);
                load.awaitOperations(20);
                assertThat(load.failures()).isEmpty();
                load.verify();
                ballast.verify();
            }
        }
    }

    @Test
    void afterACancelItsArrivalGoesOn() throws Exception {
        long seed = TestSeed.choose(ChainTest.class);
        try (Cluster cluster = Cluster.start("64M", "--max-postcopy-bandwidth=16M", "--no-prefetch")) {
            cluster.startAgents("a", "b", "c");
            cluster.startStore("a");
            int gateway = cluster.startGateway();
            Ballast ballast = new Ballast(gateway, seed);
            ballast.fill(48 << 20);
            try (Load load = Load.start(gateway, WRITERS, seed)) {
                Operator operator = cluster.operator();
                cluster.startTwin("b");
                cluster.startTwin("c");
                operator.awaitIncoming("b");
                operator.awaitIncoming("c");
                String first = operator.migrate("b");
                operator.awaitRunningOn("b");
                String second = operator.migrate("c");
                operator.await(second, "setup", "active", "pre-switchover");
                operator.cancel(second);
                operator.await(second, "cancelled");
                operator.await(first, "completed");
                load.verify();
                ballast.verify();
            }
        }
    }

    private static void assertSentOnlyWhatWasHere(JsonNode out) {
        long left = Figures.of(out, "pages-left-in-space");
        long sent = Figures.of(out, "normal");
        assertThat(left).as("pages that had not arrived: " + out).isGreaterThan(5_000);
        // A page may go out again when it is written again, but none of those that were not here.
        long dirtied = Figures.of(out, "dirtied-pages");
        assertThat(sent).as("pages sent: " + out).isLessThanOrEqualTo(PAGE_COUNT - left + dirtied);
    }
}
