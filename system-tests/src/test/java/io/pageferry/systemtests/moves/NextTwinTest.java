package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.ChildJvm;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/**
 * The next program that is to wait where one has just left. Invariant: one whose partition has departed keeps its place at the
 * agent from nobody, however long its clients take to go, and never counts as one that waits.
 */
class NextTwinTest {
    @Test
    void itIsAttachedWhileTheOneBeforeItStillLetsItsClientsGo() throws Exception {
        try (Cluster cluster = Cluster.start("16M")) {
            cluster.startAgents("a", "b");
            ChildJvm store = cluster.startStore("a");
            int gateway = cluster.startGateway();
            Operator operator = cluster.operator();
            // Straight at the program, and in no hurry to leave it: it waits some seconds for those.
            try (Jedis lingering = Clients.connect(operator.portOfProgram());
                    Jedis client = Clients.connect(gateway)) {
                assertThat(lingering.ping()).isEqualTo("PONG");
                client.set("color", "green");
                cluster.startTwin("b");
                operator.awaitIncoming("b");
                String there = operator.migrate("b");
                operator.awaitRunningOn("b");
                assertThat(store.isAlive()).isTrue();
                cluster.startTwin("a");
                operator.await(there, "completed");
                operator.awaitIncoming("a");

                String back = operator.migrate("a");
                operator.await(back, "completed");
                operator.awaitRunningOn("a");
                assertThat(client.get("color")).isEqualTo("green");
            }
        }
    }
}
