package io.pageferry.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.examples.kv.store.PoisoningMemory;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.params.SetParams;

/** Attacks the gate: between quiesce and resume no byte of the memory changes, and no command is lost, repeated or reordered. */
class KvQuiesceTest {
    private static final int CLIENTS = 40;
    private static final int ROUNDS = 60;
    private static final long SIZE_BYTES = 8L << 20;

    @Test
    void theMemoryDoesNotChangeBetweenQuiesceAndResumeUnderLoad() throws Exception {
        try (KvTestServer kv = KvTestServer.running(SIZE_BYTES);
                Clients clients = new Clients(kv, CLIENTS)) {
            PoisoningMemory memory = kv.memory();
            for (int round = 0; round < ROUNDS; round++) {
                Thread.sleep(round % 7);
                byte[] state = kv.program().quiesce();
                long before = memory.checksum();
                Thread.sleep(round % 5);
                assertThat(memory.checksum()).as("round " + round).isEqualTo(before);
                memory.movePointer();
                kv.program().resume(memory, state);
            }
            long done = clients.stop();
            assertThat(done).as("commands done").isPositive();
        }
    }

    @Test
    void theStoreGoesOnInAnotherProcessMemoryWithEveryAcknowledgedWrite() throws Exception {
        try (KvTestServer source = KvTestServer.running(SIZE_BYTES);
                KvTestServer target = new KvTestServer(SIZE_BYTES);
                Jedis before = source.connect()) {
            before.set("a", "1");
            before.set("b", "2", new SetParams().ex(1000));
            byte[] state = source.program().quiesce();
            PoisoningMemory arrived = source.memory().copy();
            source.program().departed();
            target.program().resume(arrived, state);
            try (Jedis after = target.connect()) {
                assertThat(after.mget("a", "b")).containsExactly("1", "2");
                assertThat(after.ttl("b")).isBetween(900L, 1000L);
            }
            assertThat(state).hasSizeLessThanOrEqualTo(64);
        }
    }

    @Test
    void commandsThatArriveWhileItRestsAreAnsweredAfterwards() throws Exception {
        try (KvTestServer kv = new KvTestServer(SIZE_BYTES);
                Socket socket = kv.connectPlainly()) {
            socket.getOutputStream().write("SET a 1\r\nINCR a\r\nGET a\r\n".getBytes(StandardCharsets.US_ASCII));
            Awaitility.await().until(() -> kv.server().openConnections() == 1);
            assertThat(socket.getInputStream().available()).isZero();
            kv.program().resume(kv.memory(), new byte[0]);
            byte[] replies = socket.getInputStream().readNBytes(16);
            assertThat(new String(replies, StandardCharsets.US_ASCII)).isEqualTo("+OK\r\n:2\r\n$1\r\n2\r\n");
        }
    }

    @Test
    void exactlyTheCommandsThatWereExecutedAreAnsweredBeforeTheEndOfTheStream() throws Exception {
        try (KvTestServer kv = KvTestServer.running(SIZE_BYTES);
                Socket socket = kv.connectPlainly()) {
            byte[] commands = "*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n".repeat(200_000).getBytes(StandardCharsets.US_ASCII);
            Thread sender = Thread.ofPlatform().start(() -> send(socket, commands));
            InputStream in = socket.getInputStream();
            ByteArrayOutputStream replies = new ByteArrayOutputStream();
            replies.write(in.readNBytes(1000));
            byte[] state = kv.program().quiesce();
            PoisoningMemory arrived = kv.memory().copy();
            kv.program().departed();
            in.transferTo(replies);
            sender.join();
            kv.server().awaitNoConnections();
            String[] numbers = replies.toString(StandardCharsets.US_ASCII).split("\r\n");
            try (KvTestServer target = new KvTestServer(SIZE_BYTES)) {
                target.program().resume(arrived, state);
                try (Jedis jedis = target.connect()) {
                    assertThat(":" + jedis.get("n")).isEqualTo(numbers[numbers.length - 1]);
                }
                assertThat(numbers).hasSizeLessThan(200_000);
            }
        }
    }

    @Test
    void aClientThatDoesNotTakeItsRepliesSeesNoEndOfTheStream() throws Exception {
        try (KvTestServer kv = KvTestServer.running(SIZE_BYTES);
                Socket socket = kv.connectPlainly()) {
            try (Jedis jedis = kv.connect()) {
                jedis.set("large", "v".repeat(1 << 20));
            }
            byte[] commands = "GET large\r\n".repeat(50).getBytes(StandardCharsets.US_ASCII);
            socket.getOutputStream().write(commands);
            Awaitility.await().until(() -> socket.getInputStream().available() > 0);
            kv.program().quiesce();
            kv.program().departed();
            kv.server().awaitNoConnections();
            assertThatThrownBy(() -> socket.getInputStream().transferTo(OutputStream.nullOutputStream()))
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    private static void send(Socket socket, byte[] commands) {
        try {
            socket.getOutputStream().write(commands);
        } catch (java.io.IOException closed) {
            // The store has left before it read all of them, as it may.
        }
    }

    /** Clients that pipeline counters and values, and check each reply. */
    private static final class Clients implements AutoCloseable {
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final List<Future<Long>> running = new ArrayList<>();
        private volatile boolean stopping;

        Clients(KvTestServer kv, int count) {
            for (int i = 0; i < count; i++) {
                int number = i;
                running.add(threads.submit(() -> run(kv, number)));
            }
        }

        private long run(KvTestServer kv, int number) {
            long counter = 0;
            try (Jedis jedis = kv.connect()) {
                while (!stopping) {
                    Pipeline pipeline = jedis.pipelined();
                    Response<Long> first = pipeline.incr("counter:" + number);
                    pipeline.set("value:" + number, "v".repeat((int) (counter * 37 % 20_000)));
                    Response<Long> length = pipeline.strlen("value:" + number);
                    Response<Long> last = pipeline.incr("counter:" + number);
                    pipeline.sync();
                    assertThat(first.get()).isEqualTo(counter + 1);
                    assertThat(length.get()).isEqualTo(counter * 37 % 20_000);
                    assertThat(last.get()).isEqualTo(counter + 2);
                    counter += 2;
                }
            }
            return counter;
        }

        long stop() throws Exception {
            stopping = true;
            long total = 0;
            for (Future<Long> client : running) total += client.get();
            return total;
        }

        @Override
        public void close() {
            stopping = true;
            threads.close();
        }
    }
}
