package io.pageferry.server.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Decides where the next bytes of one connection are received: by default a small buffer, in transmission its target. */
final class ConnectionReceive implements RecvByteBufAllocator, RecvByteBufAllocator.ExtendedHandle {
    private static final int HANDSHAKE_BUFFER_BYTES = 2048;
    private static final int MAX_RECEIVES_IN_A_ROW = 16;

    /** Where to receive, and what to do between two system calls. */
    interface Target {
        /** The buffer for the next receive call, released by who gets it. */
        ByteBuf next(ByteBufAllocator allocator);

        /** The receive call that followed {@link #next} has ended, however it did; called at least once. */
        void received(int bytes);
    }

    private @Nullable Target target;
    private @Nullable ChannelConfig config;
    private int attempted;
    private int received;
    private int receives;

    void setTarget(Target target) {
        this.target = target;
    }

    @Override
    @SuppressWarnings("deprecation") // the interface itself returns the deprecated type
    public Handle newHandle() {
        return this;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
        return target == null ? allocator.directBuffer(HANDSHAKE_BUFFER_BYTES) : target.next(allocator);
    }

    @Override
    public int guess() {
        return HANDSHAKE_BUFFER_BYTES;
    }

    @Override
    public void reset(ChannelConfig newConfig) {
        config = newConfig;
        receives = 0;
    }

    @Override
    public void incMessagesRead(int count) {
        receives += count;
    }

    @Override
    public void lastBytesRead(int bytes) {
        received = bytes;
        if (target != null) {
            target.received(Math.max(0, bytes));
        }
    }

    @Override
    public int lastBytesRead() {
        return received;
    }

    @Override
    public void attemptedBytesRead(int bytes) {
        attempted = bytes;
    }

    @Override
    public int attemptedBytesRead() {
        return attempted;
    }

    @Override
    public boolean continueReading() {
        return continueReading(() -> attempted == received);
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
        return config != null
                && config.isAutoRead()
                && received > 0
                && receives < MAX_RECEIVES_IN_A_ROW
                && maybeMore.get();
    }

    @Override
    public void readComplete() {
        if (target != null) {
            target.received(0); // also after a receive call that failed
        }
    }
}
