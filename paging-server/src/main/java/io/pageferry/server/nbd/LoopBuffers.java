package io.pageferry.server.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;

/**
 * The two buffers of an event loop that its connections take turns with, so that an idle connection has none: one to
 * receive into, one to collect replies in.
 *
 * <p>Invariant: a buffer is lent again only when nobody else holds it; a socket that did not take its replies keeps the
 * buffer, and the loop gets another one.
 */
final class LoopBuffers {
    static final int RECEIVE_BYTES = 256 << 10;
    static final int REPLY_BYTES = 128 << 10;

    private static final FastThreadLocal<LoopBuffers> CURRENT = new FastThreadLocal<>() {
        @Override
        protected LoopBuffers initialValue() {
            return new LoopBuffers();
        }

        @Override
        protected void onRemoval(LoopBuffers buffers) {
            buffers.release();
        }
    };

    private ByteBuf receive = io.netty.buffer.Unpooled.EMPTY_BUFFER;
    private ByteBuf reply = io.netty.buffer.Unpooled.EMPTY_BUFFER;

    private LoopBuffers() {}

    static LoopBuffers current() {
        return CURRENT.get();
    }

    /** An empty buffer for the next receive call, with one reference for the caller. */
    ByteBuf receive(ByteBufAllocator allocator) {
        if (receive.capacity() == 0 || receive.refCnt() > 1) {
            receive.release();
            receive = allocator.directBuffer(RECEIVE_BYTES, RECEIVE_BYTES);
        }
        return receive.clear().retain();
    }

    /** An empty buffer for replies, with one reference for the caller. */
    ByteBuf reply(ByteBufAllocator allocator) {
        if (reply.capacity() == 0 || reply.refCnt() > 1) {
            reply.release();
            reply = allocator.directBuffer(REPLY_BYTES, REPLY_BYTES);
        }
        return reply.clear().retain();
    }

    private void release() {
        receive.release();
        reply.release();
    }
}
