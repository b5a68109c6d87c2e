package io.pageferry.server.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.nbd.ChunkType;
import io.pageferry.nbd.CommandFlags;
import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.NbdError;
import io.pageferry.server.pool.PagingSpace;
import io.pageferry.testing.TestSeed;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TransmissionTest {
    private static final int PAGE = 4096;
    private static final int MIB = 1 << 20;
    private static final int SIZE = 80 * MIB + 123;

    @SuppressWarnings("NullAway.Init")
    private ServedPool served;

    @SuppressWarnings("NullAway.Init")
    private PagingSpace space;

    @BeforeEach
    void start() throws Exception {
        served = ServedPool.inMemory();
        space = served.create("a", SIZE);
    }

    @AfterEach
    void stop() throws Exception {
        served.close();
    }

    private RawClient simple() throws Exception {
        return RawClient.open(served.address, "a", false);
    }

    private RawClient structured() throws Exception {
        return RawClient.open(served.address, "a", true);
    }

    private static byte[] random(Random random, int length) {
        byte[] data = new byte[length];
        random.nextBytes(data);
        return data;
    }

    @Test
    void randomWritesOfAllSizesReadBack() throws Exception {
        Random random = TestSeed.random(TransmissionTest.class);
        byte[] model = new byte[SIZE];
        int[] sizes = {1, 511, PAGE, PAGE + 1, 16 << 10, (16 << 10) + 1, 40_000, 300_000, MIB, 32 * MIB};
        try (RawClient client = simple()) {
            for (int step = 0; step < 120; step++) {
                int length = step < sizes.length ? sizes[step] : sizes[random.nextInt(sizes.length - 1)];
                int offset = random.nextInt(SIZE - length + 1);
                byte[] data = random(random, length);
                assertThat(client.write(offset, data)).isZero();
                System.arraycopy(data, 0, model, offset, length);
                int readLength = sizes[random.nextInt(sizes.length - 1)];
                int readOffset = random.nextInt(SIZE - readLength + 1);
                assertThat(client.read(readOffset, readLength))
                        .isEqualTo(Arrays.copyOfRange(model, readOffset, readOffset + readLength));
            }
            assertThat(client.read(0, 32 * MIB)).isEqualTo(Arrays.copyOf(model, 32 * MIB));
        }
    }

    @Test
    void manyRequestsInFlightAreAllAnswered() throws Exception {
        Random random = TestSeed.random(TransmissionTest.class);
        byte[] data = random(random, 200 * PAGE);
        try (RawClient client = simple()) {
            for (int page = 0; page < 200; page++) {
                client.request(0, CommandType.WRITE, page, (long) page * PAGE, PAGE);
                client.out.write(data, page * PAGE, PAGE);
            }
            for (int page = 0; page < 200; page++) {
                assertThat(client.reply(0).cookie()).isEqualTo(page);
            }
            for (int page = 0; page < 200; page++) {
                client.request(0, CommandType.READ, page, (long) page * PAGE, PAGE);
            }
            for (int page = 0; page < 200; page++) {
                assertThat(client.reply(PAGE).payload())
                        .isEqualTo(Arrays.copyOfRange(data, page * PAGE, (page + 1) * PAGE));
            }
        }
    }

    @Test
    void holesAreToldAsHolesUnlessTheClientWantsOneChunk() throws Exception {
        try (RawClient client = structured()) {
            client.write(2 * PAGE, new byte[] {5});
            client.request(0, CommandType.READ, 9, PAGE + 10, 3 * PAGE);
            RawClient.Reply before = client.reply(0);
            RawClient.Reply data = client.reply(0);
            RawClient.Reply after = client.reply(0);
            assertThat(before.type()).isEqualTo(ChunkType.OFFSET_HOLE);
            assertThat(ByteBuffer.wrap(before.payload()).getLong()).isEqualTo(PAGE + 10);
            assertThat(ByteBuffer.wrap(before.payload()).getInt(8)).isEqualTo(PAGE - 10);
            assertThat(data.type()).isEqualTo(ChunkType.OFFSET_DATA);
            assertThat(data.payload()).hasSize(8 + PAGE);
            assertThat(data.flags()).isZero();
            assertThat(after.type()).isEqualTo(ChunkType.OFFSET_HOLE);
            assertThat(after.flags()).isEqualTo(ChunkType.FLAG_DONE);

            client.request(CommandFlags.DF, CommandType.READ, 9, PAGE + 10, 3 * PAGE);
            RawClient.Reply whole = client.reply(0);
            assertThat(whole.type()).isEqualTo(ChunkType.OFFSET_DATA);
            assertThat(whole.flags()).isEqualTo(ChunkType.FLAG_DONE);
            assertThat(whole.payload()).hasSize(8 + 3 * PAGE);
            assertThat(whole.payload()[8 + PAGE - 10]).isEqualTo((byte) 5);
        }
    }

    @Test
    void readingHolesAllocatesNothing() throws Exception {
        try (RawClient client = simple()) {
            assertThat(client.read(0, 20 * MIB)).containsOnly(0);
            assertThat(client.read(30 * MIB, PAGE)).containsOnly(0);
        }
        assertThat(space.usedBytes()).isZero();
        assertThat(space.channel().size()).isEqualTo(SIZE);
    }

    @Test
    void errorsAreThoseOfTheSpecification() throws Exception {
        try (RawClient client = simple()) {
            assertThat(client.command(0, CommandType.READ, SIZE - 1, 2)).isEqualTo(NbdError.EINVAL.code());
            assertThat(client.command(0, CommandType.READ, -1, 1)).isEqualTo(NbdError.EINVAL.code());
            assertThat(client.command(0, CommandType.READ, 0, 33L << 20)).isEqualTo(NbdError.EINVAL.code());
            assertThat(client.write(SIZE - 1, new byte[2])).isEqualTo(NbdError.ENOSPC.code());
            assertThat(client.write(0, new byte[(32 << 20) + 1])).isEqualTo(NbdError.EINVAL.code());
            assertThat(client.command(0, CommandType.TRIM, SIZE, 1)).isEqualTo(NbdError.EINVAL.code());
            assertThat(client.command(0, CommandType.WRITE_ZEROES, SIZE, 1)).isEqualTo(NbdError.ENOSPC.code());
            assertThat(client.command(0, CommandType.CACHE, SIZE, 1)).isEqualTo(NbdError.EINVAL.code());
            assertThat(client.command(0, CommandType.FLUSH, 1, 0)).isEqualTo(NbdError.EINVAL.code());
            assertThat(client.command(0, CommandType.BLOCK_STATUS, 0, 1)).isEqualTo(NbdError.EINVAL.code());
            assertThat(client.command(0, 99, 0, 0)).isEqualTo(NbdError.EINVAL.code());
            assertThat(client.command(1 << 9, CommandType.READ, 0, 1)).isEqualTo(NbdError.EINVAL.code());
            assertThat(client.command(CommandFlags.DF, CommandType.READ, 0, 1)).isEqualTo(NbdError.EINVAL.code());
            assertThat(client.command(CommandFlags.FAST_ZERO | CommandFlags.NO_HOLE, CommandType.WRITE_ZEROES, 0, PAGE))
                    .isEqualTo(NbdError.ENOTSUP.code());
            assertThat(client.command(0, CommandType.TRIM, 0, 0)).isZero();
            assertThat(client.read(0, 0)).isEmpty();
            assertThat(client.write(0, new byte[0])).isZero();
        }
        try (RawClient client = structured()) {
            client.request(0, CommandType.READ, 7, 0, 33L << 20);
            assertThat(client.reply(0).error()).isEqualTo(NbdError.EOVERFLOW.code());
            client.request(0, CommandType.READ, 8, 0, 0);
            assertThat(client.reply(0).type()).isEqualTo(ChunkType.NONE);
        }
    }

    @Test
    void aWriteThatIsRefusedIsReadPast() throws Exception {
        served.tokens.put("a", "secret");
        try (RawClient client = simple()) {
            assertThat(client.write(0, new byte[300_000])).isEqualTo(NbdError.EPERM.code());
            assertThat(client.command(0, CommandType.TRIM, 0, 1)).isEqualTo(NbdError.EPERM.code());
            assertThat(client.command(0, CommandType.FLUSH, 0, 0)).isZero();
            assertThat(client.read(0, 1)).containsOnly(0);
        }
        try (RawClient client = RawClient.open(served.address, "a;lease=secret", false)) {
            assertThat(client.write(0, new byte[] {1})).isZero();
        }
    }

    @Test
    void garbageInsteadOfARequestEndsThatConnectionAlone() throws Exception {
        try (RawClient other = simple();
                RawClient client = simple()) {
            client.out.write(new byte[100]);
            assertThat(client.isClosedByServer()).isTrue();
            assertThat(other.read(0, 1)).containsOnly(0);
        }
    }

    @Test
    void aPayloadThatIsCutOffLeavesNoUnmarkedByte() throws Exception {
        try (RawClient client = simple()) {
            client.request(0, CommandType.WRITE, 1, 10 * PAGE, MIB);
            byte[] part = new byte[500_000];
            Arrays.fill(part, (byte) 1);
            client.out.write(part);
        }
        org.awaitility.Awaitility.await()
                .untilAsserted(
                        () -> assertThat(served.server.connectionCount("a")).isZero());
        try (RawClient client = simple()) {
            byte[] seen = client.read(10 * PAGE, MIB);
            for (int page = 0; page < MIB / PAGE; page++) {
                boolean stored = seen[page * PAGE] != 0;
                assertThat(space.directory().isWritten(10 + page))
                        .as("page " + page)
                        .isEqualTo(stored);
            }
        }
    }

    @Test
    void goodbyeIsTakenAfterWhatWasAskedBefore() throws Exception {
        try (RawClient client = simple()) {
            client.request(0, CommandType.FLUSH, 1, 0, 0);
            client.request(0, CommandType.READ, 2, 0, 10);
            client.request(0, CommandType.DISC, 3, 0, 0);
            int payload = client.in.available() >= 0 ? 10 : 0;
            RawClient.Reply first = client.reply(payload);
            assertThat(first.cookie()).isIn(1L, 2L);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }
}
