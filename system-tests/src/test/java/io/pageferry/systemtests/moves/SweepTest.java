package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.TestSeed;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * A partition is to move on while its old page table is still swept. Invariant: the sweep ends before pages go out again,
 * since both change what the tables are registered for; and each entry is invalidated once, whatever comes between.
 */
class SweepTest {
    private static final int WRITERS = 2;

    /** 4096 pages, so the sweep takes three seconds at the least. */
    private static final String MEMORY = "16M";

    private static final String[] SLOW_SWEEP = {"--sweep-portion=64", "--sweep-interval=50", "--no-prefetch"};

    @Test
    void aMigrationThatBeginsInASweepWaitsForItsEnd() throws Exception {
        long seed = TestSeed.choose(SweepTest.class);
        try (Cluster cluster = Cluster.start(MEMORY, SLOW_SWEEP)) {
            int gateway = start(cluster);
            try (Load load = Load.start(gateway, WRITERS, seed)) {
                String first = migrateToB(cluster, load);
                Operator operator = cluster.operator();
                String second = operator.migrate("c");
                operator.await(second, "completed");
                operator.awaitRunningOn("c");
                JsonNode swept = operator.await(first, "completed");
                assertThat(at(swept, "swept"))
                        .isBetween(at(swept, "switch"), at(operator.migration(second), "first-pass"));
                assertThat(Figures.of(swept.path("target-progress"), "swept-entries"))
                        .isPositive();
                load.awaitOperations(20);
                assertThat(load.failures()).isEmpty();
                load.verify();
            }
        }
    }

    @Test
    void aCancelInASweepLeavesTheSweepToEndAndTheProgramToGoOn() throws Exception {
        long seed = TestSeed.choose(SweepTest.class);
        try (Cluster cluster = Cluster.start(MEMORY, SLOW_SWEEP)) {
            int gateway = start(cluster);
            try (Load load = Load.start(gateway, WRITERS, seed)) {
                String first = migrateToB(cluster, load);
                Operator operator = cluster.operator();
                String second = operator.migrate("c");
                operator.cancel(second);
                operator.await(second, "cancelled");
                JsonNode swept = operator.await(first, "completed");
                assertThat(at(swept, "swept")).isGreaterThan(at(swept, "switch"));
                operator.awaitRunningOn("b");
                load.awaitOperations(20);
                operator.awaitIncoming("c");
                operator.await(operator.migrate("c"), "completed");
                load.awaitOperations(20);
                assertThat(load.failures()).isEmpty();
                load.verify();
            }
        }
    }

    private static int start(Cluster cluster) {
        cluster.startAgents("a", "b", "c");
        cluster.startStore("a");
        return cluster.startGateway();
    }

    /** Returns while B sweeps. */
    private static String migrateToB(Cluster cluster, Load load) throws Exception {
        load.awaitOperations(50);
        Operator operator = cluster.operator();
        cluster.startTwin("b");
        cluster.startTwin("c");
        operator.awaitIncoming("b");
        operator.awaitIncoming("c");
        String first = operator.migrate("b");
        operator.awaitRunningOn("b");
        operator.awaitStep(first, "switch");
        assertThat(at(operator.migration(first), "swept"))
                .as("the sweep goes on")
                .isZero();
        return first;
    }

    private static long at(JsonNode migration, String step) {
        for (JsonNode one : migration.path("timeline")) {
            if (one.path("step").asString().equals(step))
                return one.path("at-ns").asLong();
        }
        return 0;
    }
}
