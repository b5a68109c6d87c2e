package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.agent.control.ControlException;
import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.TestSeed;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * A migration goes through a shared area, apart from the partition's own space. Invariant: the area is there as long as a page
 * may be in it alone, and no longer.
 */
class AreaTest {
    private static final Map<String, String> SHARED = Map.of("area", "shared");
    private static final String OWN = Cluster.PARTITION;

    @Test
    void aSharedAreaGoesWithItsMigrationAndThePartitionsOwnSpaceIsNotTouched() throws Exception {
        long seed = TestSeed.choose(AreaTest.class);
        try (Cluster cluster = Cluster.start("64M", "--max-postcopy-bandwidth=16M", "--no-prefetch")) {
            cluster.startAgents("a", "b");
            cluster.startStore("a");
            Ballast ballast = new Ballast(cluster.startGateway(), seed);
            ballast.fill(16 << 20);
            Operator operator = cluster.operator();
            String there = move(cluster, "b", SHARED);
            assertThat(operator.spaces()).containsExactly(OWN + "." + there);
            assertThat(operator.partition().path("space").asString()).isEqualTo(OWN + "." + there);
            operator.await(there, "completed");
            awaitSpaces(operator, List.of());
            assertThat(operator.partition().path("space").asString()).isEqualTo(OWN);
            ballast.verify();

            operator.await(move(cluster, "a", Map.of()), "completed");
            assertThat(operator.spaces()).containsExactly(OWN);
            operator.await(move(cluster, "b", SHARED), "completed");
            awaitSpaces(operator, List.of(OWN));

            assertThatThrownBy(() -> operator.begin("suspend", "", SHARED))
                    .isInstanceOf(ControlException.Refused.class)
                    .hasMessageContaining("a suspended partition needs a place that lasts");
            operator.await(operator.suspend(), "completed");
            cluster.startTwin("a");
            operator.awaitIncoming("a");
            operator.await(operator.resume("a"), "completed");
            ballast.verify();
        }
    }

    @Test
    void whileItsPagesAreInASharedAreaThePartitionMovesOnThroughThat() throws Exception {
        long seed = TestSeed.choose(AreaTest.class);
        try (Cluster cluster = Cluster.start("64M", "--max-postcopy-bandwidth=1M", "--no-prefetch")) {
            cluster.startAgents("a", "b", "c");
            cluster.startStore("a");
            Ballast ballast = new Ballast(cluster.startGateway(), seed);
            ballast.fill(12 << 20);
            Operator operator = cluster.operator();
            for (String agent : List.of("b", "c")) {
                cluster.startTwin(agent);
                operator.awaitIncoming(agent);
            }
            String first = operator.migrate("b", SHARED);
            operator.awaitRunningOn("b");
            String second = operator.migrate("c");
            JsonNode on = operator.migration(second);
            assertThat(on.path("space").asString()).isEqualTo(OWN + "." + first);
            operator.await(second, "completed");
            ballast.verify();
            awaitSpaces(operator, List.of());
        }
    }

    @Test
    void whatWasCommittedComesBackFromTheSharedAreaWhenTheTargetDies() throws Exception {
        long seed = TestSeed.choose(AreaTest.class);
        try (Cluster cluster = Cluster.start("64M", "--max-postcopy-bandwidth=1M", "--no-prefetch")) {
            cluster.startAgents("a", "b");
            cluster.startStore("a");
            Ballast ballast = new Ballast(cluster.startGateway(), seed);
            ballast.fill(8 << 20);
            Operator operator = cluster.operator();
            ChildJvm target = cluster.startTwin("b");
            operator.awaitIncoming("b");
            String id = operator.migrate("b", SHARED);
            operator.awaitRunningOn("b");
            target.close();
            operator.await(id, "failed");
            cluster.killAndRestartServer();
            operator.awaitPartition(now -> now.path("state").asString().equals("lost"));

            cluster.startTwin("a");
            operator.awaitIncoming("a");
            String back = operator.resume("a");
            operator.awaitRunningOn("a");
            ballast.verify();
            operator.await(back, "completed");
            awaitSpaces(operator, List.of());
        }
    }

    private static String move(Cluster cluster, String to, Map<String, ?> options) throws Exception {
        cluster.startTwin(to);
        cluster.operator().awaitIncoming(to);
        String id = cluster.operator().migrate(to, options);
        cluster.operator().awaitRunningOn(to);
        return id;
    }

    private static void awaitSpaces(Operator operator, List<String> names) {
        Awaitility.await("the spaces " + names).atMost(Duration.ofSeconds(30)).until(operator::spaces, names::equals);
    }
}
