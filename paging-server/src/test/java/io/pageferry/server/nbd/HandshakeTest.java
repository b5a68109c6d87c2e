package io.pageferry.server.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.nbd.NbdMagic;
import io.pageferry.nbd.NbdOption;
import io.pageferry.nbd.OptionReply;
import io.pageferry.testing.TestSeed;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HandshakeTest {
    @SuppressWarnings("NullAway.Init")
    private ServedPool served;

    @BeforeEach
    void start() throws Exception {
        NbdServerOptions options = NbdServerOptions.defaults()
                .withMaxConnections(8)
                .withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(60));
        served = new ServedPool(Path.of("/dev/shm"), options);
        served.create("a", 8192);
    }

    @AfterEach
    void stop() throws Exception {
        served.close();
    }

    private void assertServes() throws Exception {
        try (RawClient client = RawClient.open(served.address, "a", false)) {
            assertThat(client.read(0, 4)).containsOnly(0);
        }
    }

    private int typeOf(OptionReply reply) {
        return reply.code();
    }

    @Test
    void greetsAsFixedNewstyle() throws Exception {
        try (RawClient client = new RawClient(served.address)) {
            assertThat(client.in.readLong()).isEqualTo(NbdMagic.INIT_PASSWD);
            assertThat(client.in.readLong()).isEqualTo(NbdMagic.I_HAVE_OPT);
            assertThat(client.in.readUnsignedShort()).isEqualTo(3);
        }
    }

    @Test
    void unknownClientFlagsEndTheConnection() throws Exception {
        try (RawClient client = new RawClient(served.address)) {
            client.in.readNBytes(18);
            client.out.writeInt(7);
            assertThat(client.isClosedByServer()).isTrue();
        }
        assertServes();
    }

    @Test
    void garbageEndsTheConnectionAndNothingElse() throws Exception {
        Random random = TestSeed.random(HandshakeTest.class);
        for (int round = 0; round < 20; round++) {
            try (RawClient client = RawClient.greeted(served.address)) {
                byte[] garbage = new byte[1 + random.nextInt(5000)];
                random.nextBytes(garbage);
                client.out.write(garbage);
                if (garbage.length >= 16) {
                    assertThat(client.isClosedByServer()).isTrue();
                }
            } catch (java.net.SocketException closedAlready) {
                // as good
            }
        }
        assertServes();
    }

    @Test
    void aSlowHandshakeIsCutOff() throws Exception {
        try (RawClient client = RawClient.greeted(served.address)) {
            client.out.write(0);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void unknownOptionsAreRefusedAndTheNextOneIsTaken() throws Exception {
        try (RawClient client = RawClient.greeted(served.address)) {
            client.option(4711, new byte[100]);
            assertThat(client.answer().type()).isEqualTo(typeOf(OptionReply.ERR_UNSUP));
            client.option(NbdOption.STARTTLS.code(), new byte[0]);
            assertThat(client.answer().type()).isEqualTo(typeOf(OptionReply.ERR_POLICY));
            client.option(NbdOption.LIST.code(), new byte[1]);
            assertThat(client.answer().type()).isEqualTo(typeOf(OptionReply.ERR_INVALID));
            client.option(4712, new byte[HandshakeHandler.MAX_OPTION_BYTES + 1]);
            assertThat(client.answer().type()).isEqualTo(typeOf(OptionReply.ERR_TOO_BIG));
            client.option(NbdOption.INFO.code(), new byte[] {0, 0, 1, 0, 0, 0});
            assertThat(client.answer().type()).isEqualTo(typeOf(OptionReply.ERR_INVALID));
            client.option(NbdOption.SET_META_CONTEXT.code(), new byte[8]);
            assertThat(client.answer().type()).isEqualTo(typeOf(OptionReply.ERR_INVALID)); // no structured replies yet
            client.option(NbdOption.ABORT.code(), new byte[0]);
            assertThat(client.answer().type()).isEqualTo(typeOf(OptionReply.ACK));
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void optionsMayArriveByteByByteOrAllAtOnce() throws Exception {
        ByteBuffer options = ByteBuffer.allocate(1000);
        for (int code : new int[] {8, 3, 3}) {
            options.putLong(NbdMagic.I_HAVE_OPT).putInt(code).putInt(0);
        }
        options.putLong(NbdMagic.I_HAVE_OPT)
                .putInt(7)
                .putInt(7)
                .putInt(1)
                .put((byte) 'a')
                .putShort((short) 0);
        for (int pieceBytes : new int[] {1, 1000}) {
            try (RawClient client = RawClient.greeted(served.address)) {
                for (int at = 0; at < options.position(); at += pieceBytes) {
                    client.out.write(options.array(), at, Math.min(pieceBytes, options.position() - at));
                }
                List<Integer> types = new ArrayList<>();
                while (types.size() < 7) {
                    types.add(client.answer().type());
                }
                assertThat(types).containsExactly(1, 2, 1, 2, 1, 3, 1);
            }
        }
    }

    @Test
    void exportNameBeginsTransmissionWithOrWithoutZeroes() throws Exception {
        for (int flags : new int[] {1, 3}) {
            try (RawClient client = new RawClient(served.address)) {
                client.in.readNBytes(18);
                client.out.writeInt(flags);
                client.option(NbdOption.EXPORT_NAME.code(), new byte[] {'a'});
                assertThat(client.in.readLong()).isEqualTo(8192);
                client.in.readShort();
                client.in.readNBytes(flags == 1 ? 124 : 0);
                assertThat(client.read(0, 10)).containsOnly(0);
            }
        }
        try (RawClient client = RawClient.greeted(served.address)) {
            client.option(NbdOption.EXPORT_NAME.code(), "nobody".getBytes(StandardCharsets.UTF_8));
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void anUnknownExportIsRefusedWithItsName() {
        assertThatThrownBy(() -> RawClient.open(served.address, "nobody", true))
                .hasMessageContaining("there is no space 'nobody' here");
    }

    @Test
    void connectionsBeyondTheLimitAreToldSo() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                clients.add(RawClient.open(served.address, "a", false));
            }
            assertThatThrownBy(() -> RawClient.open(served.address, "a", false))
                    .hasMessageContaining("limit of 8 connections");
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
        org.awaitility.Awaitility.await().untilAsserted(() -> assertServes());
    }
}
