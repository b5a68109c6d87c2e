package io.pageferry.server.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.NbdMagic;
import io.pageferry.server.metrics.ServerMetrics;
import io.pageferry.server.pool.PagingSpace;
import io.pageferry.server.pool.Pool;
import io.pageferry.testing.TestSeed;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Receive calls as an event loop makes them, also those that find nothing, whose buffer it releases unseen. */
class RequestStreamTest {
    private static final int SIZE_BYTES = 1 << 20;

    private final Random random = TestSeed.random(RequestStreamTest.class);
    private final ConnectionReceive receive = new ConnectionReceive();
    private final EmbeddedChannel channel = new EmbeddedChannel();

    @SuppressWarnings("NullAway.Init")
    private ServerContext context;

    @SuppressWarnings("NullAway.Init")
    private Pool pool;

    @SuppressWarnings("NullAway.Init")
    private PagingSpace space;

    @BeforeEach
    void start(@TempDir(factory = InMemory.class) Path folder) {
        pool = Pool.open(folder);
        space = pool.create("a", SIZE_BYTES, OptionalLong.empty());
        context = new ServerContext(
                NbdServerOptions.defaults(),
                new Exports(pool, new UUID(0, 1), (name, token) -> WriteRights.Right.WRITE),
                new SpaceConnections(),
                new Workers(),
                new ByteBudget(SIZE_BYTES),
                ServerMetrics.unpublished());
        NbdConnection connection =
                new NbdConnection(channel, new Export(pool.acquire("a"), true, null, 0), false, List.of());
        channel.pipeline().addLast(new TransmissionHandler(context, connection, receive));
    }

    @AfterEach
    void stop() {
        channel.releaseOutbound();
        channel.close().syncUninterruptibly();
        context.workers().close();
        pool.close();
    }

    private static byte[] write(long offset, byte[] data) {
        return ByteBuffer.allocate(28 + data.length)
                .putInt(NbdMagic.REQUEST)
                .putShort((short) 0)
                .putShort((short) CommandType.WRITE)
                .putLong(offset)
                .putLong(offset)
                .putInt(data.length)
                .put(data)
                .array();
    }

    /** One receive call, which finds this much. */
    private int receive(byte[] from, int at, int length) {
        ByteBuf buffer = receive.allocate(UnpooledByteBufAllocator.DEFAULT);
        int found = Math.min(length, buffer.writableBytes());
        receive.attemptedBytesRead(buffer.writableBytes());
        buffer.writeBytes(from, at, found);
        receive.lastBytesRead(found);
        if (found == 0) {
            buffer.release();
            receive.readComplete();
        } else {
            channel.pipeline().fireChannelRead(buffer);
        }
        return found;
    }

    @Test
    void noReceiveCallThatFindsNothingLosesWhatCameBeforeIt() {
        for (int round = 0; round < 300; round++) {
            byte[] data = new byte[1 + random.nextInt(random.nextInt(4) == 0 ? 300_000 : 20_000)];
            random.nextBytes(data);
            int offset = random.nextInt(SIZE_BYTES - data.length);
            byte[] frame = write(offset, data);
            int longest = 1 + random.nextInt(frame.length);
            for (int at = 0; at < frame.length; ) {
                at += receive(frame, at, Math.min(1 + random.nextInt(longest), frame.length - at));
                for (int i = random.nextInt(3); i > 0; i--) {
                    assertThat(receive(frame, at, 0)).isZero();
                }
            }
            channel.pipeline().fireChannelReadComplete();

            assertReply(offset);
            byte[] stored = new byte[data.length];
            space.memory().asSlice(offset, data.length).asByteBuffer().get(stored);
            assertThat(stored).isEqualTo(data);
        }
    }

    private void assertReply(long cookie) {
        ByteBuf reply = channel.readOutbound();
        assertThat(reply.readInt()).isEqualTo(NbdMagic.SIMPLE_REPLY);
        assertThat(reply.readInt()).isZero();
        assertThat(reply.readLong()).isEqualTo(cookie);
        assertThat(reply.isReadable()).isFalse();
        reply.release();
    }
}
