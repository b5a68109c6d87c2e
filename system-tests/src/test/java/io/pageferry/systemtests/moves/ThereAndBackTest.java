package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.TestSeed;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A store moves back and forth under load. Invariant: whatever a client was told has been done is there, once, and in the
 * order in which it was asked for; no client sees an error.
 */
class ThereAndBackTest {
    private static final int MOVES = 10;
    private static final int WRITERS = 6;

    @Test
    void everyAcknowledgedWriteIsThereAfterTenMigrationsUnderLoad() throws Exception {
        long seed = TestSeed.choose(ThereAndBackTest.class);
        try (Cluster cluster = Cluster.start("64M")) {
            cluster.startAgents("a", "b");
            ChildJvm source = cluster.startStore("a");
            int gateway = cluster.startGateway();
            try (Load load = Load.start(gateway, WRITERS, seed)) {
                load.awaitOperations(100);
                for (int move = 0; move < MOVES; move++) {
                    String target = move % 2 == 0 ? "b" : "a";
                    ChildJvm twin = cluster.startTwin(target);
                    cluster.operator().awaitIncoming(target);
                    String id = cluster.operator().migrate(target, Map.of("max-downtime-ms", 50));
                    cluster.operator().await(id, "completed");
                    assertThat(source.awaitExit())
                            .as("the program that has departed")
                            .isZero();
                    source = twin;
                    load.awaitOperations(20);
                    assertThat(load.failures()).as("after move " + (move + 1)).isEmpty();
                }
                System.out.println("ThereAndBackTest: " + load.operations() + " operations");
                load.verify();
            }
        }
    }
}
