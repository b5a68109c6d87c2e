package io.pageferry.server.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.direct.DirectLimits;
import io.pageferry.direct.DirectRequest;
import io.pageferry.direct.DirectStatus;
import io.pageferry.direct.Frame;
import io.pageferry.direct.FrameChannel;
import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.LinuxException;
import io.pageferry.linux.Mapping;
import io.pageferry.linux.UnixSocket;
import io.pageferry.server.pool.PagingSpace;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Agents that lie, stammer or die: each is told or dropped, and the server goes on. */
class BadDirectPeerTest {
    private static final long SIZE = 1 << 20;

    @SuppressWarnings("NullAway.Init")
    private DirectPool served;

    @SuppressWarnings("NullAway.Init")
    private PagingSpace space;

    @BeforeEach
    void start() throws IOException {
        served = DirectPool.inMemory();
        served.tokens.put("vm", "secret");
        space = served.create("vm", SIZE, 0);
    }

    @AfterEach
    void theServerStillServes() throws IOException {
        served.client("vm", "secret").close();
        Awaitility.await().until(() -> served.server.connectionCount("vm") == 0);
        served.close();
    }

    private static byte[] open(int magic, int version, String name, String token, int tokenLength) {
        byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
        byte[] tokenBytes = token.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(20 + nameBytes.length + tokenBytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(magic)
                .putInt(version)
                .putLong(0)
                .putShort((short) nameBytes.length)
                .putShort((short) tokenLength)
                .put(nameBytes)
                .put(tokenBytes)
                .array();
    }

    private static Frame ask(FrameChannel channel, DirectRequest request, byte[] payload) {
        channel.send(request, DirectStatus.OK, payload, payload.length, List.of());
        return channel.receive().orElseThrow();
    }

    private FrameChannel opened(String token) {
        FrameChannel channel = served.raw();
        byte[] payload = open(DirectLimits.MAGIC, DirectLimits.VERSION, "vm", token, token.length());
        assertThat(ask(channel, DirectRequest.OPEN, payload).status()).isEqualTo(DirectStatus.OK.code());
        return channel;
    }

    private static byte[] range(long offset, long length) {
        return ByteBuffer.allocate(DirectLimits.RANGE_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(offset)
                .putLong(length)
                .array();
    }

    @ParameterizedTest
    @CsvSource({"1, 2, secret, 6", "1346651984, 1, secret, 6", "1346651984, 2, secret, 60"})
    void whatDoesNotOpenASpaceIsInvalid(int magic, int version, String token, int tokenLength) {
        assertThat(DirectLimits.MAGIC).isEqualTo(1346651984);
        try (FrameChannel channel = served.raw()) {
            Frame answer = ask(channel, DirectRequest.OPEN, open(magic, version, "vm", token, tokenLength));
            assertThat(answer.status()).isEqualTo(DirectStatus.INVALID.code());
            assertThat(channel.receive()).isEmpty();
        }
    }

    @Test
    void aRequestBeforeASpaceIsOpenIsInvalid() {
        try (FrameChannel channel = served.raw()) {
            assertThat(ask(channel, DirectRequest.WRITTEN, range(0, 4096)).status())
                    .isEqualTo(DirectStatus.INVALID.code());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-4096, 4096",
        "0, 0",
        "1, 4096",
        "0, 4095",
        "1048576, 4096",
        "0, 1052672",
        "4096, 9223372036854775807",
        "9223372036854771712, 8192"
    })
    void aLieAboutARangeChangesNothingAndEndsTheConnection(long offset, long length) {
        for (DirectRequest request : List.of(DirectRequest.RESERVE, DirectRequest.WRITTEN, DirectRequest.DISCARD)) {
            try (FrameChannel channel = opened("secret")) {
                assertThat(ask(channel, request, range(offset, length)).status())
                        .isEqualTo(DirectStatus.INVALID.code());
                assertThat(channel.receive()).isEmpty();
            }
        }
        assertThat(space.directory().writtenPages()).isZero();
        assertThat(space.usedBytes()).isZero();
    }

    @Test
    void aClaimToHaveWrittenWhatWasNeverReservedHasZeroes() {
        try (FrameChannel channel = opened("secret")) {
            assertThat(ask(channel, DirectRequest.WRITTEN, range(8192, 4096)).status())
                    .isEqualTo(DirectStatus.OK.code());
        }
        assertThat(space.directory().isWritten(2)).isTrue();
        assertThat(space.usedBytes()).isEqualTo(4096);
        assertThat(space.memory().asSlice(8192, 4096).mismatch(java.lang.foreign.MemorySegment.ofArray(new byte[4096])))
                .isEqualTo(-1);
    }

    @Test
    void aReaderThatClaimsToWriteIsRefusedAndMayReadOn() {
        try (FrameChannel channel = opened("")) {
            for (DirectRequest request : List.of(DirectRequest.RESERVE, DirectRequest.WRITTEN, DirectRequest.DISCARD)) {
                assertThat(ask(channel, request, range(0, 4096)).status()).isEqualTo(DirectStatus.FENCED.code());
            }
            assertThat(ask(channel, DirectRequest.CHANGED, new byte[0]).status())
                    .isEqualTo(DirectStatus.OK.code());
        }
        assertThat(space.usedBytes()).isZero();
    }

    @Test
    void aReaderCannotWriteByTheDescriptorThatItGets() {
        byte[] request = open(DirectLimits.MAGIC, DirectLimits.VERSION, "vm", "", 0);
        byte[] frame = ByteBuffer.allocate(DirectLimits.HEADER_BYTES + request.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(request.length)
                .putInt(DirectRequest.OPEN.code())
                .put(request)
                .array();
        List<Descriptor> received = new ArrayList<>();
        try (UnixSocket socket = UnixSocket.connect(served.socket);
                Arena arena = Arena.ofConfined()) {
            socket.send(frame, List.of());
            assertThat(socket.receive(new byte[4096], received)).isPositive();
            assertThat(received).hasSize(1);
            Descriptor file = received.getFirst();
            MemorySegment page = arena.allocate(4096, 4096);
            assertThat(FileCalls.readAt(file, page, 0)).isEqualTo(4096);
            assertThatThrownBy(() -> FileCalls.writeAt(file, page, 0)).hasMessageContaining("EBADF");
            assertThatThrownBy(() -> FileCalls.truncate(file, 0)).isInstanceOf(LinuxException.class);
            assertThatThrownBy(() -> FileCalls.punchHole(file, 0, 4096)).isInstanceOf(LinuxException.class);
            assertThatThrownBy(() -> Mapping.readWrite(file, SIZE, arena)).hasMessageContaining("EACCES");
        } finally {
            received.forEach(Descriptor::close);
        }
    }

    @Test
    void aPeerThatSaysNothingIsDropped() {
        try (FrameChannel channel = served.raw()) {
            assertThat(channel.receive()).isEmpty();
        }
    }

    @Test
    void aClientThatDiesInTheMiddleOfAFrameIsForgotten() {
        UnixSocket socket = UnixSocket.connect(served.socket);
        byte[] payload = open(DirectLimits.MAGIC, DirectLimits.VERSION, "vm", "secret", 6);
        FrameChannel channel = new FrameChannel(socket);
        channel.send(DirectRequest.OPEN, DirectStatus.OK, payload, payload.length, List.of());
        assertThat(channel.receive()).isPresent();
        socket.send(new byte[] {16, 0, 0, 0, 3, 0, 0, 0, 1, 2}, List.of());
        channel.close();

        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> served.server.connectionCount("vm") == 0);
    }

    @Test
    void aFrameThatIsTooLongEndsTheConnection() {
        UnixSocket socket = UnixSocket.connect(served.socket);
        try (FrameChannel channel = new FrameChannel(socket)) {
            socket.send(new byte[] {1, 0, 0, 127, 1, 0, 0, 0}, List.of());
            Optional<Frame> answer = channel.receive();
            assertThat(answer.map(Frame::status)).contains(DirectStatus.INVALID.code());
        }
    }

    @Test
    void seededGarbageNeverHurtsTheServer() {
        long seed = Long.getLong("pageferry.seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 200; i++) {
            UnixSocket socket = UnixSocket.connect(served.socket);
            try (FrameChannel channel = new FrameChannel(socket)) {
                if (random.nextBoolean()) {
                    byte[] payload = open(DirectLimits.MAGIC, DirectLimits.VERSION, "vm", "secret", 6);
                    channel.send(DirectRequest.OPEN, DirectStatus.OK, payload, payload.length, List.of());
                }
                byte[] garbage = new byte[random.nextInt(1, 300)];
                random.nextBytes(garbage);
                if (random.nextBoolean() && garbage.length > 8) {
                    ByteBuffer.wrap(garbage)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putInt(0, garbage.length - 8)
                            .putShort(4, (short) random.nextInt(8));
                }
                socket.send(garbage, List.of());
            } catch (io.pageferry.linux.LinuxException | io.pageferry.direct.DirectException dropped) {
                assertThat(dropped).isNotNull();
            }
        }
    }
}
