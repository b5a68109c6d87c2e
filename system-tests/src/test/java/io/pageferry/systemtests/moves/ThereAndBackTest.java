package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.TestSeed;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * A store moves back and forth under load. Invariant: whatever a client was told has been done is there, once, and in the
 * order in which it was asked for; no client sees an error.
 */
class ThereAndBackTest {
    private static final int MOVES = 10;
    private static final int MOVES_BY_RANK = 4;
    private static final int WRITERS = 6;

    @Test
    void everyAcknowledgedWriteIsThereAfterTenMigrationsUnderLoad() throws Exception {
        try (Cluster cluster = Cluster.start("64M")) {
            move(cluster, MOVES, Map.of("max-downtime-ms", 50));
        }
    }

    @Test
    void pagesThatArePutOffAreThereToo() throws Exception {
        try (Cluster cluster = Cluster.start("64M", "--heat-interval=0.3")) {
            move(cluster, MOVES_BY_RANK, Map.of("max-downtime-ms", 50, "order-out", "hot-cold"));
            assertThat(pagesPutOff(cluster)).isPositive();
        }
    }

    @Test
    void pagesThatArePutOffAreThereTooByTheDirectPath() throws Exception {
        try (Cluster cluster = Cluster.startDirect("64M", "--heat-interval=0.3")) {
            move(cluster, MOVES_BY_RANK, Map.of("max-downtime-ms", 50, "order-out", "hot-cold"));
            assertThat(pagesPutOff(cluster)).isPositive();
        }
    }

    private static long pagesPutOff(Cluster cluster) throws Exception {
        long pages = 0;
        for (int move = 1; move <= MOVES_BY_RANK; move++) {
            JsonNode figure = cluster.operator().migration("m-" + move).findValue("pages-put-off");
            System.out.println("ThereAndBackTest: put off: " + figure);
            if (figure != null) pages += figure.asLong();
        }
        return pages;
    }

    private static void move(Cluster cluster, int moves, Map<String, ?> options) throws Exception {
        long seed = TestSeed.choose(ThereAndBackTest.class);
        cluster.startAgents("a", "b");
        ChildJvm source = cluster.startStore("a");
        int gateway = cluster.startGateway();
        try (Load load = Load.start(gateway, WRITERS, seed)) {
            load.awaitOperations(100);
            for (int move = 0; move < moves; move++) {
                String target = move % 2 == 0 ? "b" : "a";
                ChildJvm twin = cluster.startTwin(target);
                cluster.operator().awaitIncoming(target);
                String id = cluster.operator().migrate(target, options);
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
