package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.agent.control.ControlException;
import io.pageferry.systemtests.CliProcess;
import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.TestSeed;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import tools.jackson.databind.JsonNode;

/**
 * The program dies that the partition has been committed to. What it wrote since is lost with it, as with any process; what
 * was committed is in the space, and may be had back until the space is written to again.
 */
class LostTest {
    @Test
    void aTargetThatDiesAfterTheCommitIsToldOfAndWhatWasCommittedComesBack() throws Exception {
        long seed = TestSeed.choose(LostTest.class);
        try (Cluster cluster = Cluster.start("64M", "--max-postcopy-bandwidth=1M", "--no-prefetch")) {
            cluster.startAgents("a", "b");
            cluster.startStore("a");
            int gateway = cluster.startGateway();
            Ballast ballast = new Ballast(gateway, seed);
            ballast.fill(16 << 20);
            Operator operator = cluster.operator();
            ChildJvm target = cluster.startTwin("b");
            operator.awaitIncoming("b");
            String id = operator.migrate("b");
            operator.awaitRunningOn("b");
            try (Jedis client = Clients.connect(gateway)) {
                client.set("since", "the commit");
            }
            assertThatThrownBy(() -> operator.resume("a"))
                    .isInstanceOf(ControlException.Refused.class)
                    .hasMessageContaining("is not suspended: agent b has it");

            target.close();
            JsonNode failed = operator.await(id, "failed");
            assertThat(failed.path("error").asString()).contains("its program is gone from agent b", "is lost");
            operator.awaitPartition(now -> now.path("state").asString().equals("lost"));
            assertThatThrownBy(() -> operator.migrate("a"))
                    .isInstanceOf(ControlException.Refused.class)
                    .hasMessageContaining("partition store is lost");

            cluster.startTwin("a");
            operator.awaitIncoming("a");
            operator.resume("a");
            operator.awaitRunningOn("a");
            ballast.verify();
            try (Jedis client = Clients.connect(gateway)) {
                assertThat(client.exists("since"))
                        .as("what the dead program wrote")
                        .isFalse();
            }
        }
    }

    @Test
    void aPartitionWhoseAgentIsGoneIsNotTakenForDeadAndGoesOnWithTheNextAgent() throws Exception {
        long seed = TestSeed.choose(LostTest.class);
        try (Cluster cluster = Cluster.start("64M", "--max-postcopy-bandwidth=4M", "--no-prefetch")) {
            cluster.startAgents("a", "b");
            cluster.startStore("a");
            int gateway = cluster.startGateway();
            Ballast ballast = new Ballast(gateway, seed);
            ballast.fill(32 << 20);
            Operator operator = cluster.operator();
            cluster.startTwin("b");
            operator.awaitIncoming("b");
            String id = operator.migrate("b");
            operator.awaitRunningOn("b");
            cluster.killAgent("b");
            operator.awaitPartition(now -> now.path("state").asString().equals("lost"));
            assertThat(operator.migration(id).path("status").asString()).isEqualTo("postcopy-active");
            assertThat(operator.migration(id).path("stalled").asString()).contains("agent b is gone");
            cluster.startTwin("a");
            operator.awaitIncoming("a");
            assertThatThrownBy(() -> operator.resume("a"))
                    .isInstanceOf(ControlException.Refused.class)
                    .hasMessageContaining("may still run beside it")
                    .hasMessageContaining("--force");

            cluster.startAgents("b");
            operator.await(id, "completed");
            ballast.verify();
        }
    }

    @Test
    void itIsHadBackByForceAndAProgramThatDidLiveOnGivesWayToIt() throws Exception {
        long seed = TestSeed.choose(LostTest.class);
        try (Cluster cluster = Cluster.start("64M", "--max-postcopy-bandwidth=1M", "--no-prefetch")) {
            cluster.startAgents("a", "b");
            cluster.startStore("a");
            int gateway = cluster.startGateway();
            Ballast ballast = new Ballast(gateway, seed);
            ballast.fill(16 << 20);
            Operator operator = cluster.operator();
            ChildJvm former = cluster.startTwin("b");
            operator.awaitIncoming("b");
            String id = operator.migrate("b");
            operator.awaitRunningOn("b");
            try (Jedis client = Clients.connect(gateway)) {
                client.set("since", "the commit");
            }
            cluster.killAgent("b");
            operator.awaitPartition(now -> now.path("state").asString().equals("lost"));
            cluster.startTwin("a");
            operator.awaitIncoming("a");

            CliProcess forced = cluster.pageferry("resume", Cluster.PARTITION, "--on", "a", "--force", "--detach");
            assertThat(forced.exitCode()).as(forced.err()).isZero();
            operator.awaitRunningOn("a");
            assertThat(operator.await(id, "failed").path("error").asString()).contains("was lost, and resumed by m-2");
            // The operator was wrong: the program is alive beside its dead agent. The next one tells it.
            cluster.startAgents("b");
            assertThat(former.awaitExit()).as("it has departed").isZero();
            assertThat(operator.partition().path("agent").asString()).isEqualTo("a");
            ballast.verify();
            try (Jedis client = Clients.connect(gateway)) {
                assertThat(client.exists("since"))
                        .as("what was written since the commit is lost, as the operator was told")
                        .isFalse();
            }
        }
    }
}
