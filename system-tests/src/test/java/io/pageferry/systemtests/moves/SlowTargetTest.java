package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.TestSeed;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The target takes long to verify. Invariant: what the program has written meanwhile is held against the downtime limit once
 * more, and is not all left for the moment in which the program stands still.
 */
class SlowTargetTest {
    private static final int WRITERS = 3;

    @Test
    void whatIsWrittenWhileTheTargetVerifiesIsLookedAtAgainBeforeTheProgramComesToRest() throws Exception {
        long seed = TestSeed.choose(SlowTargetTest.class);
        try (Cluster cluster = Cluster.start("64M")) {
            cluster.startAgents("a", "b");
            cluster.startStore("a");
            int gateway = cluster.startGateway();
            Ballast ballast = new Ballast(gateway, seed);
            ballast.fill(16 << 20);
            try (Load load = Load.start(gateway, WRITERS, seed)) {
                cluster.startTwin("b");
                Operator operator = cluster.operator();
                operator.awaitIncoming("b");
                String id;
                JsonNode waiting;
                try (Frozen _ = new Frozen(cluster.agent("b"))) {
                    id = operator.migrate("b");
                    waiting = operator.awaitAskedToVerify(id).path("source-progress");
                    load.awaitOperations(300);
                }
                assertThat(Figures.of(waiting, "remaining"))
                        .as("what is dirty still")
                        .isLessThan(Figures.of(waiting, "total"));
                JsonNode moved = operator.awaitCompletedAndEvicted(id).path("source-progress");
                assertThat(Figures.of(moved, "dirty-sync-count"))
                        .as("the dirty pages are counted again")
                        .isGreaterThan(Figures.of(waiting, "dirty-sync-count"));
                assertThat(Figures.of(moved, "remaining")).isZero();
                backWithoutRounds(cluster, operator);
                load.awaitOperations(20);
                assertThat(load.failures()).isEmpty();
                load.verify();
                ballast.verify();
            }
        }
    }

    private static void backWithoutRounds(Cluster cluster, Operator operator) throws Exception {
        cluster.startTwin("a");
        operator.awaitIncoming("a");
        JsonNode moved = operator.awaitCompletedAndEvicted(operator.migrate("a", Map.of("max-rounds", 0)));
        assertThat(Figures.of(moved.path("source-progress"), "mbps")).isPositive();
        operator.awaitRunningOn("a");
    }
}
