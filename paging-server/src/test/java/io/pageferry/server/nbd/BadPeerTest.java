package io.pageferry.server.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.NbdMagic;
import io.pageferry.testing.TestSeed;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BadPeerTest {
    private static final int MIB = 1 << 20;

    @SuppressWarnings("NullAway.Init")
    private ServedPool served;

    @BeforeEach
    void start() throws Exception {
        NbdServerOptions options =
                NbdServerOptions.defaults().withTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(2));
        served = new ServedPool(Path.of("/dev/shm"), options);
        served.create("a", 64 * MIB);
    }

    @AfterEach
    void stop() throws Exception {
        served.close();
    }

    private void assertServes() throws Exception {
        try (RawClient client = RawClient.open(served.address, "a", false)) {
            assertThat(client.read(63 * MIB, 4)).containsOnly(0);
        }
    }

    /** Asks on and on and takes nothing: the server must stop listening to it, and hold little for it meanwhile. */
    @Test
    void aClientThatNeverReadsItsRepliesCostsLittleAndIsDisconnected() throws Exception {
        try (RawClient client = RawClient.open(served.address, "a", false)) {
            for (int i = 0; i < 1024; i++) {
                assertThat(client.write(i * 4096L, new byte[4096])).isZero();
            }
            long before = PlatformDependent.usedDirectMemory();
            long peak = before;
            boolean cutOff = false;
            for (int i = 0; i < 2_000_000 && !cutOff; i++) {
                try {
                    client.request(0, CommandType.READ, i, (i % 1024) * 4096L, 4096);
                    peak = Math.max(peak, PlatformDependent.usedDirectMemory());
                } catch (SocketException e) {
                    cutOff = true; // the write blocked until the server closed the connection
                }
            }
            assertThat(cutOff).isTrue();
            assertThat(peak - before).isLessThan(64L * MIB);
        }
        assertServes();
        assertThat(PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory()).isLessThan(256L * MIB);
    }

    @Test
    void requestsCutOffAnywhereHurtNobody() throws Exception {
        for (int sent = 0; sent < 28 + 20_000; sent += sent < 30 ? 1 : 1999) {
            try (RawClient client = RawClient.open(served.address, "a", false)) {
                byte[] frame = new byte[28 + 20_000];
                java.nio.ByteBuffer.wrap(frame)
                        .putInt(NbdMagic.REQUEST)
                        .putShort((short) 0)
                        .putShort((short) CommandType.WRITE)
                        .putLong(1)
                        .putLong(0)
                        .putInt(20_000);
                client.out.write(frame, 0, sent);
            }
        }
        assertServes();
    }

    @Test
    void mutatedRequestsNeverHurtAnotherConnection() throws Exception {
        Random random = TestSeed.random(BadPeerTest.class);
        try (RawClient good = RawClient.open(served.address, "a", true)) {
            for (int round = 0; round < 200; round++) {
                try (RawClient bad = RawClient.open(served.address, "a", random.nextBoolean())) {
                    sendMutated(bad, random);
                } catch (SocketException closed) {
                    // as good
                }
                good.request(0, CommandType.READ, round, 63 * MIB, 1);
                assertThat(good.reply(0).cookie()).isEqualTo(round);
            }
        }
    }

    private static void sendMutated(RawClient client, Random random) throws IOException {
        for (int i = 0; i < 20; i++) {
            int flags = random.nextInt(4) == 0 ? random.nextInt(1 << 16) : 0;
            int type = random.nextInt(4) == 0 ? random.nextInt(1 << 16) : random.nextInt(9);
            long offset = random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(32 * MIB);
            long length = random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(1000);
            client.request(flags, type, i, offset, length);
            if (type == CommandType.WRITE && random.nextInt(8) > 0) {
                client.out.write(new byte[(int) Math.min(length & 0xffff_ffffL, 2000)]);
            }
        }
    }

    @Test
    void aThousandIdleConnectionsAreServedAtOnce() throws Exception {
        java.util.List<RawClient> clients = new java.util.ArrayList<>();
        try {
            for (int i = 0; i < 1000; i++) {
                clients.add(RawClient.open(served.address, "a", false));
            }
            for (RawClient client : clients) {
                assertThat(client.read(0, 1)).hasSize(1);
            }
            assertThat(served.server.connectionCount("a")).isEqualTo(1000);
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }
}
