package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.systemtests.CliProcess;
import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.TestSeed;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * A cancel in every state. Invariant: after it the source has the partition as if nothing had been, the waiting program is as
 * new, and the next migration finds nothing of the one before; after the commit nothing can be cancelled.
 */
class CancelTest {
    private static final int WRITERS = 3;
    /** So strict that rounds go on for as long as anything is written. */
    static final Map<String, Integer> NEVER_SWITCHES = Map.of("max-downtime-ms", 1, "max-rounds", 10_000);

    @Test
    void itIsPossibleInEveryStateBeforeTheCommitAndTheNextMigrationMayFollowAtOnce() throws Exception {
        long seed = TestSeed.choose(CancelTest.class);
        try (Cluster cluster = Cluster.start("64M")) {
            cluster.startAgents("a", "b");
            ChildJvm store = cluster.startStore("a");
            int gateway = cluster.startGateway();
            Ballast ballast = new Ballast(gateway, seed);
            ballast.fill(32 << 20);
            try (Load load = Load.start(gateway, WRITERS, seed)) {
                cluster.startTwin("b");
                Operator operator = cluster.operator();
                operator.awaitIncoming("b");

                cancelInSetup(cluster);
                assertAllIsWell(operator, load);
                for (int i = 0; i < 3; i++) cancelWhileItIsActive(operator);
                cancelByTheCommand(cluster);
                assertAllIsWell(operator, load);
                cancelInPreSwitchover(operator, store);
                // At once: while the target may still be about to drop what the one before has brought.
                String last = operator.migrate("b");
                operator.await(last, "completed");
                operator.awaitRunningOn("b");
                load.awaitOperations(20);
                assertThat(load.failures()).isEmpty();
                load.verify();
                ballast.verify();
            }
        }
    }

    private static void cancelInSetup(Cluster cluster) throws Exception {
        Operator operator = cluster.operator();
        String id;
        try (Frozen _ = new Frozen(cluster.agent("a"))) {
            id = operator.migrate("b");
            operator.await(id, "setup");
            operator.cancel(id);
            operator.await(id, "cancelling");
        }
        operator.await(id, "cancelled");
    }

    private static void cancelWhileItIsActive(Operator operator) throws Exception {
        String id = operator.migrate("b", NEVER_SWITCHES);
        operator.await(id, "active");
        Thread.sleep(200); // so that the target has something to drop
        operator.cancel(id);
        operator.await(id, "cancelled");
    }

    private static void cancelByTheCommand(Cluster cluster) throws Exception {
        Operator operator = cluster.operator();
        String id = operator.migrate("b", NEVER_SWITCHES);
        operator.await(id, "active");
        CliProcess cancelled = cluster.pageferry("cancel", id);
        assertThat(cancelled.exitCode()).as(cancelled.err()).isZero();
        assertThat(cancelled.out()).isEqualTo("cancelling " + id + ": store stays on agent a\n");
        operator.await(id, "cancelled");
    }

    /** The program takes its time to come to rest. */
    private static void cancelInPreSwitchover(Operator operator, ChildJvm store) throws Exception {
        String id = operator.migrate("b", NEVER_SWITCHES);
        operator.await(id, "active");
        // Nothing is written any more, so the source goes on to the switchover.
        try (Frozen _ = new Frozen(store)) {
            operator.await(id, "pre-switchover");
            operator.cancel(id);
            operator.await(id, "cancelling");
        }
        JsonNode cancelled = operator.await(id, "cancelled");
        assertThat(cancelled.path("committed").asBoolean()).isFalse();
        assertThat(cancelled.path("timeline").toString()).contains("resume-source");
    }

    /** As long as it waits for the commit, it asks for nothing by itself. */
    @Test
    void aTargetThatHasMissedTheEndHearsOfItFromAServerThatWasStartedAnew() throws Exception {
        long seed = TestSeed.choose(CancelTest.class);
        try (Cluster cluster = Cluster.start("64M")) {
            cluster.startAgents("a", "b");
            ChildJvm store = cluster.startStore("a");
            Ballast ballast = new Ballast(cluster.startGateway(), seed);
            ballast.fill(16 << 20);
            cluster.startTwin("b");
            Operator operator = cluster.operator();
            operator.awaitIncoming("b");
            String id;
            Frozen target;
            try (Frozen _ = new Frozen(store)) {
                id = operator.migrate("b");
                operator.await(id, "pre-switchover");
                Thread.sleep(300); // until the target has heard of that
                target = new Frozen(cluster.agent("b"));
                operator.cancel(id);
            }
            try (target) {
                operator.await(id, "cancelled");
                cluster.killAndRestartServer();
            }
            operator.awaitRunningOn("a");
            operator.awaitIncoming("b");
            operator.await(operator.migrate("b"), "completed");
            ballast.verify();
        }
    }

    private static void assertAllIsWell(Operator operator, Load load) throws Exception {
        operator.awaitRunningOn("a");
        operator.awaitIncoming("b");
        load.awaitOperations(20);
        assertThat(load.failures()).isEmpty();
    }

    @Test
    void afterTheCommitItIsRefusedInOneLineAndTheArrivalGoesOn() throws Exception {
        long seed = TestSeed.choose(CancelTest.class);
        try (Cluster cluster = Cluster.start("64M", "--max-postcopy-bandwidth=4M", "--no-prefetch")) {
            cluster.startAgents("a", "b");
            cluster.startStore("a");
            int gateway = cluster.startGateway();
            Ballast ballast = new Ballast(gateway, seed);
            ballast.fill(32 << 20);
            try (Load load = Load.start(gateway, WRITERS, seed)) {
                cluster.startTwin("b");
                Operator operator = cluster.operator();
                operator.awaitIncoming("b");
                String id = operator.migrate("b");
                operator.awaitRunningOn("b");
                CliProcess refused = cluster.pageferry("cancel", id);
                assertThat(refused.exitCode()).isEqualTo(1);
                assertThat(refused.out()).isEmpty();
                assertThat(refused.err().lines())
                        .singleElement()
                        .asString()
                        .startsWith("pageferry: ")
                        .contains(id, "cannot be cancelled: it is postcopy-active");
                operator.await(id, "completed");
                load.awaitOperations(20);
                assertThat(load.failures()).isEmpty();
                load.verify();
                ballast.verify();
            }
        }
    }
}
