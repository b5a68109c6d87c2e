package io.pageferry.server.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.channel.MessageSizeEstimator;

/** What an unsent reply costs in memory: a buffer its content, a slice of a space only its bookkeeping. */
final class UnsentEstimate implements MessageSizeEstimator {
    static final UnsentEstimate INSTANCE = new UnsentEstimate();

    private static final int SLICE_BYTES = 4096;

    private UnsentEstimate() {}

    @Override
    public Handle newHandle() {
        return message -> message instanceof ByteBuf buffer && !(message instanceof SpaceSlice)
                ? buffer.readableBytes()
                : SLICE_BYTES;
    }
}
