package io.pageferry.nbd.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Chooses the buffer for the next bytes from the socket: the caller's own memory while the decoder is inside the data of
 * a long read, so that the kernel copies there directly; a buffer of the usual kind otherwise.
 */
final class DirectReceive implements RecvByteBufAllocator {
    private static final int MIN_BYTES = 4 << 10;
    private static final int INITIAL_BYTES = 64 << 10;
    private static final int MAX_BYTES = 256 << 10;

    private final RecvByteBufAllocator usual = new AdaptiveRecvByteBufAllocator(MIN_BYTES, INITIAL_BYTES, MAX_BYTES);
    private final ReplyDecoder decoder;

    DirectReceive(ReplyDecoder decoder) {
        this.decoder = decoder;
    }

    @Override
    @SuppressWarnings("deprecation") // the only way Netty asks for a handle
    public Handle newHandle() {
        return new ChoosingHandle((ExtendedHandle) usual.newHandle());
    }

    private final class ChoosingHandle extends DelegatingHandle implements ExtendedHandle {
        private final ExtendedHandle usualHandle;

        ChoosingHandle(ExtendedHandle usualHandle) {
            super(usualHandle);
            this.usualHandle = usualHandle;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            ByteBuf target = decoder.directTarget();
            return target != null ? target : usualHandle.allocate(allocator);
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return usualHandle.continueReading(maybeMoreData);
        }
    }
}
