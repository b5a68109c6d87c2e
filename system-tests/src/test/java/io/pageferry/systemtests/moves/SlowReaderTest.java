package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.ChildJvm;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** A client asks for more than anything on the way can hold, and reads nothing until the partition is elsewhere. */
class SlowReaderTest {
    private static final int ROUNDS = 400;
    private static final int VALUE_BYTES = 100_000;

    @Test
    void whatItHasAskedForIsCarriedOutOnceAndAnsweredInOrder() throws Exception {
        try (Cluster cluster = Cluster.start("64M")) {
            cluster.startAgents("a", "b");
            ChildJvm source = cluster.startStore("a");
            int gateway = cluster.startGateway();
            cluster.startTwin("b");
            Operator operator = cluster.operator();
            operator.awaitIncoming("b");
            try (Jedis client = Clients.connect(gateway);
                    Socket slow = new Socket()) {
                client.set("large", "v".repeat(VALUE_BYTES));
                slow.setReceiveBufferSize(16 << 10);
                slow.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway));
                slow.getOutputStream()
                        .write("INCR count\r\nAPPEND log x\r\nGET large\r\n"
                                .repeat(ROUNDS)
                                .getBytes(StandardCharsets.US_ASCII));
                long before = awaitStandstill(client);
                assertThat(before)
                        .as("the source waits for its replies to be read")
                        .isLessThan(ROUNDS);

                operator.await(operator.migrate("b"), "completed");
                assertThat(source.awaitExit()).as("it could let all clients go").isZero();
                readAll(new DataInputStream(new BufferedInputStream(slow.getInputStream())));
                assertThat(client.get("count")).isEqualTo(Integer.toString(ROUNDS));
                assertThat(client.strlen("log")).isEqualTo(ROUNDS);
            }
        }
    }

    private static void readAll(DataInputStream replies) throws IOException {
        for (int round = 1; round <= ROUNDS; round++) {
            assertThat(line(replies)).as("INCR").isEqualTo(":" + round);
            assertThat(line(replies)).as("APPEND").isEqualTo(":" + round);
            assertThat(line(replies)).as("GET").isEqualTo("$" + VALUE_BYTES);
            replies.skipNBytes(VALUE_BYTES);
            assertThat(line(replies)).isEmpty();
        }
    }

    /** Until the store has carried nothing out for a while; how often it has counted by then. */
    private static long awaitStandstill(Jedis client) throws InterruptedException {
        long before = -1;
        for (long now = count(client); now == 0 || now != before; now = count(client)) {
            before = now;
            Thread.sleep(500);
        }
        return before;
    }

    private static long count(Jedis client) {
        String count = client.get("count");
        return count == null ? 0 : Long.parseLong(count);
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.readUnsignedByte(); next != '\n'; next = in.readUnsignedByte()) {
            if (next != '\r') line.append((char) next);
        }
        return line.toString();
    }
}
