package io.pageferry.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.TestSeed;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** Clients that lie, stop half-way or never listen: each hurts itself alone. */
class KvBadClientsTest {
    private KvTestServer kv;
    private Jedis good;

    @BeforeEach
    void start() throws IOException {
        kv = KvTestServer.running(32L << 20);
        good = kv.connect();
        good.set("good", "1");
    }

    @AfterEach
    void theGoodClientIsServedToTheEnd() {
        assertThat(good.get("good")).isEqualTo("1");
        good.close();
        kv.close();
    }

    @Test
    void garbageIsAnsweredWithAnErrorAndClosed() throws IOException {
        assertThat(conversation("*1\r\n$99999999999\r\n")).isEqualTo("-ERR Protocol error: invalid bulk length\r\n");
        assertThat(conversation("*2\r\n$3\r\nGET\r\n:5\r\n"))
                .isEqualTo("-ERR Protocol error: expected '$', got ':'\r\n");
        assertThat(conversation("PING\r\n*-x\r\n"))
                .isEqualTo("+PONG\r\n-ERR Protocol error: invalid multibulk length\r\n");
    }

    @Test
    void randomBytesNeverHurtTheStore() throws IOException {
        Random random = TestSeed.random(KvBadClientsTest.class);
        for (int i = 0; i < 200; i++) {
            byte[] bytes = new byte[1 + random.nextInt(3000)];
            random.nextBytes(bytes);
            if (random.nextBoolean()) bytes[0] = '*';
            try (Socket socket = kv.connectPlainly()) {
                socket.getOutputStream().write(bytes);
            }
        }
        assertThat(good.ping()).isEqualTo("PONG");
    }

    @Test
    void aClientThatClosesItsSideStillGetsItsReplies() throws IOException {
        try (Socket socket = kv.connectPlainly()) {
            socket.getOutputStream().write("SET x 1\r\nGET x\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .isEqualTo("+OK\r\n$1\r\n1\r\n");
        }
    }

    @Test
    void aHalfCommandWaitsAndIsForgottenWhenItsClientLeaves() throws IOException {
        try (Socket socket = kv.connectPlainly()) {
            socket.getOutputStream()
                    .write("*3\r\n$3\r\nSET\r\n$4\r\ngood\r\n$1\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(good.ping()).isEqualTo("PONG");
        }
        Awaitility.await().until(() -> kv.server().openConnections() == 1);
    }

    @Test
    void aClientThatNeverReadsIsNotReadEither() throws Exception {
        good.set("large", "v".repeat(1 << 20));
        byte[] commands = "GET large\r\n".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
        try (Socket deaf = kv.connectPlainly()) {
            // Ten thousand replies of 1 MiB would be more than this JVM has.
            deaf.getOutputStream().write(commands);
            for (int i = 0; i < 1000; i++) assertThat(good.ping()).isEqualTo("PONG");
        }
        Awaitility.await().until(() -> kv.server().openConnections() == 1);
    }

    @Test
    void hundredsOfConnectionsAreServed() {
        List<Jedis> clients = new ArrayList<>();
        for (int i = 0; i < 400; i++) clients.add(kv.connect());
        for (int i = 0; i < 400; i++) clients.get(i).set("k" + i, "" + i);
        for (int i = 0; i < 400; i++)
            assertThat(clients.get(399 - i).get("k" + i)).isEqualTo("" + i);
        clients.forEach(Jedis::close);
    }

    private String conversation(String bytes) throws IOException {
        try (Socket socket = kv.connectPlainly()) {
            OutputStream out = socket.getOutputStream();
            out.write(bytes.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
