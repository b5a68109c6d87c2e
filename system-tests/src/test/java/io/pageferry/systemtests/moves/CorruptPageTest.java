package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.testing.TestSeed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;
import tools.jackson.databind.JsonNode;

/**
 * The storage changes a page behind everybody's back. Invariant: what does not match the checksum in the manifest is never
 * seen by the program; whoever touches it gets an error, and all other pages come as if nothing had been.
 */
class CorruptPageTest {
    private static final int PAGE_BYTES = 4096;

    @Test
    void afterTheCommitItsTouchIsAnErrorTheMigrationSaysSoAndAllElseIsRight() throws Exception {
        long seed = TestSeed.choose(CorruptPageTest.class);
        try (Cluster cluster = Cluster.start("64M", "--max-postcopy-bandwidth=2M", "--no-prefetch")) {
            cluster.startAgents("a", "b");
            cluster.startStore("a");
            int gateway = cluster.startGateway();
            Ballast ballast = new Ballast(gateway, seed);
            ballast.fill(32 << 20);
            int spoilt = ballast.count() - 1;
            cluster.startTwin("b");
            Operator operator = cluster.operator();
            operator.awaitIncoming("b");
            String id = operator.migrate("b");
            operator.awaitRunningOn("b");
            long page = spoilPageOf(cluster.space(), ballast.value(spoilt));
            System.out.println("CorruptPageTest: spoilt page " + page);

            try (Jedis client = Clients.connect(gateway)) {
                assertThatThrownBy(() -> client.get(Ballast.key(spoilt)))
                        .isInstanceOf(JedisDataException.class)
                        .hasMessageContaining("IOERR a page of the store's memory is lost");
                assertThat(client.ping()).as("the connection lives").isEqualTo("PONG");
                assertThat(client.set("since", "then")).isEqualTo("OK");
            }
            ballast.verifyBut(spoilt);
            JsonNode failed = operator.await(id, "failed");
            assertThat(failed.path("error").asString())
                    .isEqualTo("page " + page + " in the paging space does not match its CRC32C in the manifest");
            assertThat(failed.path("committed").asBoolean()).isTrue();
            assertThat(operator.partition().path("state").asString()).isEqualTo("running");
            ballast.verifyBut(spoilt);
            try (Jedis client = Clients.connect(gateway)) {
                assertThat(client.get("since")).isEqualTo("then");
                assertThatThrownBy(() -> client.get(Ballast.key(spoilt))).isInstanceOf(JedisDataException.class);
            }
            moveOnWithoutThePage(cluster, gateway, ballast, spoilt);
        }
    }

    /** The page stays in the space as it is, and everything else goes along. */
    private static void moveOnWithoutThePage(Cluster cluster, int gateway, Ballast ballast, int spoilt)
            throws Exception {
        Operator operator = cluster.operator();
        cluster.startTwin("a");
        operator.awaitIncoming("a");
        String id = operator.migrate("a");
        operator.awaitRunningOn("a");
        ballast.verifyBut(spoilt);
        assertThat(operator.await(id, "failed").path("committed").asBoolean()).isTrue();
        try (Jedis client = Clients.connect(gateway)) {
            assertThat(client.get("since")).isEqualTo("then");
            assertThatThrownBy(() -> client.get(Ballast.key(spoilt))).isInstanceOf(JedisDataException.class);
        }
    }

    @Test
    void beforeTheCommitTheMigrationFailsAndTheProgramGoesOnWhereItIs() throws Exception {
        long seed = TestSeed.choose(CorruptPageTest.class);
        try (Cluster cluster = Cluster.startDirect("64M")) {
            cluster.startAgents("a", "b");
            cluster.startStore("a");
            int gateway = cluster.startGateway();
            Ballast ballast = new Ballast(gateway, seed);
            ballast.fill(32 << 20);
            cluster.startTwin("b");
            Operator operator = cluster.operator();
            operator.awaitIncoming("b");
            String id;
            long page;
            // It looks at what is out only when it has been spoilt.
            try (Frozen _ = new Frozen(cluster.agent("b"))) {
                id = operator.migrate("b");
                operator.awaitStep(id, "verify");
                page = spoilPageOf(cluster.space(), ballast.value(0));
                System.out.println("CorruptPageTest: spoilt page " + page);
            }
            JsonNode failed = operator.await(id, "failed");
            assertThat(failed.path("error").asString())
                    .isEqualTo("page " + page + " in the paging space does not match its CRC32C in the manifest");
            assertThat(failed.path("committed").asBoolean()).isFalse();
            operator.awaitRunningOn("a");
            ballast.verify();

            // All is written anew, so the next one is not harmed by it.
            operator.awaitIncoming("b");
            operator.await(operator.migrate("b"), "completed");
            operator.awaitRunningOn("b");
            ballast.verify();
        }
    }

    /** Turns a bit of a page in the middle of a value over; returns the page's index. */
    private static long spoilPageOf(Path space, byte[] value) throws IOException {
        byte[] middle = java.util.Arrays.copyOfRange(value, value.length / 2, value.length / 2 + PAGE_BYTES);
        try (FileChannel file = FileChannel.open(space, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer content = file.map(MapMode.READ_WRITE, 0, file.size()).order(ByteOrder.nativeOrder());
            long begin = ByteBuffer.wrap(middle).order(ByteOrder.nativeOrder()).getLong();
            for (int at = 0; at < content.capacity() - middle.length; at++) {
                if (content.getLong(at) != begin) continue;
                content.put(at, (byte) (content.get(at) ^ 1));
                return at / PAGE_BYTES;
            }
        }
        throw new AssertionError("the value is not in " + space);
    }
}
