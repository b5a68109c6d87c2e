package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.agent.control.ControlException;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.TestSeed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongUnaryOperator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;
import tools.jackson.databind.JsonNode;

/**
 * A partition goes to the device and comes back. Invariant: from the commit of the suspend on the space alone holds it, whole
 * and durable, and needs neither the agent that it left nor the server's memory.
 */
class SuspendTest {
    private static final int WRITERS = 3;
    /** Offsets in the manifest's header. */
    private static final int GENERATION_AT = 24;

    private static final int CHECKSUM_AT = 120;

    @Test
    void itResumesOnAnotherAgentAfterTheOldOneIsGoneAndTheServerWasKilled() throws Exception {
        long seed = TestSeed.choose(SuspendTest.class);
        try (Cluster cluster = Cluster.start("64M")) {
            cluster.startAgents("a", "b");
            ChildJvm store = cluster.startStore("a");
            int gateway = cluster.startGateway();
            try (Load load = Load.start(gateway, WRITERS, seed)) {
                load.awaitOperations(100);
                Operator operator = cluster.operator();
                JsonNode suspended = operator.await(operator.suspend(), "completed");
                assertThat(suspended.path("committed").asBoolean()).isTrue();
                assertThat(operator.partition().path("state").asString()).isEqualTo("suspended");
                assertThat(store.awaitExit())
                        .as("the program that has departed")
                        .isZero();
                cluster.killAgent("a");
                cluster.killAndRestartServer();
                assertThat(operator.awaitPartition(
                                        now -> now.path("state").asString().equals("suspended"))
                                .has("agent"))
                        .isFalse();

                cluster.startTwin("b");
                operator.awaitIncoming("b");
                operator.await(operator.resume("b"), "completed");
                load.awaitOperations(50);
                assertThat(load.failures())
                        .as("requests wait while it is suspended")
                        .isEmpty();
                load.verify();
            }
        }
    }

    @Test
    void anImageOfAnotherHandOverIsNotResumedAndItsOwnStillIs() throws Exception {
        long seed = TestSeed.choose(SuspendTest.class);
        try (Cluster cluster = Cluster.start("16M")) {
            cluster.startAgents("a", "b");
            cluster.startStore("a");
            Ballast ballast = new Ballast(cluster.startGateway(), seed);
            ballast.fill(4 << 20);
            Operator operator = cluster.operator();
            operator.await(operator.suspend(), "completed");
            SpaceLayout layout = new SpaceLayout((16 << 20) / SpaceLayout.PAGE_BYTES);
            long generation = generation(cluster.space(), layout, later -> later + 1);

            cluster.startTwin("b");
            operator.awaitIncoming("b");
            JsonNode failed = operator.await(operator.resume("b"), "failed");
            assertThat(failed.path("error").asString())
                    .startsWith("the manifest of store in the paging space is of generation " + (generation + 1));

            generation(cluster.space(), layout, later -> generation);
            cluster.startTwin("a");
            operator.awaitIncoming("a");
            operator.await(operator.resume("a"), "completed");
            ballast.verify();
        }
    }

    /** Changes the generation in a manifest's header, which matches its checksum afterwards too; returns what it was. */
    private static long generation(Path space, SpaceLayout layout, LongUnaryOperator change) throws IOException {
        try (FileChannel file = FileChannel.open(space, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer header = file.map(MapMode.READ_WRITE, layout.manifestOffset(), SpaceLayout.PAGE_BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN);
            long before = header.getLong(GENERATION_AT);
            header.putLong(GENERATION_AT, change.applyAsLong(before));
            CRC32C checksum = new CRC32C();
            checksum.update(header.slice(0, CHECKSUM_AT));
            header.putInt(CHECKSUM_AT, (int) checksum.getValue());
            return before;
        }
    }

    @Test
    void itsNameIsRefusedToANewProgramAndItsRequestsWaitOnlySoLong() throws Exception {
        try (Cluster cluster = Cluster.start("16M")) {
            cluster.startAgents("a", "b");
            ChildJvm store = cluster.startStore("a");
            int gateway = cluster.startGateway("--hold-ms=1500");
            try (Jedis client = Clients.connect(gateway)) {
                client.set("color", "green");
                Operator operator = cluster.operator();
                operator.await(operator.suspend(), "completed");
                assertThat(store.awaitExit()).isZero();

                for (String agent : new String[] {"a", "b"}) {
                    ChildJvm refused = cluster.startStoreUnawaited(agent, "16M");
                    assertThat(refused.awaitExit()).isEqualTo(1);
                }
                assertThat(operator.partition().path("state").asString()).isEqualTo("suspended");
                assertThatThrownBy(() -> client.get("color"))
                        .isInstanceOf(JedisDataException.class)
                        .hasMessageContaining("partition store is suspended; resume it");
                assertThatThrownBy(() -> operator.migrate("b"))
                        .isInstanceOf(ControlException.Refused.class)
                        .hasMessageContaining("is suspended");

                cluster.startTwin("a");
                operator.awaitIncoming("a");
                operator.await(operator.resume("a"), "completed");
                assertThat(client.get("color")).isEqualTo("green");
            }
        }
    }
}
