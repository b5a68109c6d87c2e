package io.pageferry.server.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.pageferry.nbd.NbdError;
import io.pageferry.nbd.ReplyChunk;
import io.pageferry.nbd.SimpleReply;
import io.pageferry.server.metrics.ServerMetrics;
import io.pageferry.server.pool.PagingSpace;
import org.jspecify.annotations.Nullable;

/**
 * Collects the replies of one connection, and sends many with one system call. Event loop only. Data up to
 * {@link #COPY_BYTES} is copied beside its header, since a copy of that size costs less than the bookkeeping of a
 * buffer of its own; more is sent from the mapping.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed close or send ends the connection, which is told of that
final class Replies {
    /** The most data that is copied. */
    static final int COPY_BYTES = 32 << 10;

    /** What long holes are made of where a client must see them as data. */
    private static final ByteBuf ZEROES =
            Unpooled.unreleasableBuffer(Unpooled.directBuffer(1 << 20).writeZero(1 << 20));

    private static final int LARGEST_PREFIX = 64;
    private static final int SMALL_BUFFER_BYTES = 1024;

    private final ChannelHandlerContext ctx;
    private final ServerMetrics metrics;
    private final boolean structured;
    private @Nullable ByteBuf collected;

    Replies(ChannelHandlerContext ctx, ServerMetrics metrics, boolean structured) {
        this.ctx = ctx;
        this.metrics = metrics;
        this.structured = structured;
    }

    /** Success without data; not for READ and BLOCK_STATUS where replies are structured. */
    void success(long cookie) {
        SimpleReply.write(room(SimpleReply.SIZE), 0, cookie);
    }

    /** Failure, in the form that is right for the command. */
    void failure(Request request, NbdError error, String message) {
        metrics.error(error);
        if (structured) {
            ReplyChunk.writeError(room(LARGEST_PREFIX + 2 * message.length()), request.cookie(), error, message);
        } else {
            SimpleReply.write(room(SimpleReply.SIZE), error.code(), request.cookie());
        }
    }

    /** The end of a structured reply that no chunk ended. */
    void none(long cookie) {
        ReplyChunk.writeNone(room(ReplyChunk.HEADER_SIZE), cookie);
    }

    void simpleReadHeader(long cookie, int dataBytes) {
        SimpleReply.write(room(SimpleReply.SIZE + Math.min(dataBytes, COPY_BYTES)), 0, cookie);
    }

    void dataHeader(int flags, long cookie, long offset, int dataBytes) {
        ByteBuf out = room(ReplyChunk.DATA_PREFIX_SIZE + Math.min(dataBytes, COPY_BYTES));
        ReplyChunk.writeDataPrefix(out, flags, cookie, offset, dataBytes);
    }

    void hole(int flags, long cookie, long offset, long holeBytes) {
        ByteBuf out = room(ReplyChunk.HEADER_SIZE + ReplyChunk.HOLE_PAYLOAD_SIZE);
        ReplyChunk.writeHole(out, flags, cookie, offset, holeBytes);
    }

    /** A chunk of extents, each a length and flags. */
    void extents(int flags, long cookie, int contextId, int[] lengthsAndFlags, int extentCount) {
        ByteBuf out = room(ReplyChunk.HEADER_SIZE + Integer.BYTES + extentCount * ReplyChunk.EXTENT_SIZE);
        ReplyChunk.writeStatusPrefix(out, flags, cookie, contextId, extentCount);
        for (int i = 0; i < 2 * extentCount; i++) {
            out.writeInt(lengthsAndFlags[i]);
        }
    }

    /** Data that is copied; inside the space's gate, and only of pages that are written. */
    void copy(PagingSpace space, long offset, int length) {
        RawMemory.load(space.memory(), offset, room(length), length);
    }

    void zeroes(int length) {
        if (length <= COPY_BYTES) {
            room(length).writeZero(length);
            return;
        }
        sendCollected();
        for (int left = length; left > 0; ) {
            int piece = Math.min(left, ZEROES.capacity());
            ctx.write(ZEROES.retainedSlice(0, piece), ctx.voidPromise());
            left -= piece;
        }
    }

    /** Data that is sent from the mapping; inside the space's gate, and only of pages that are written. */
    void slice(PagingSpace space, long offset, int length) {
        sendCollected();
        ctx.write(new SpaceSlice(space, offset, length), ctx.voidPromise());
    }

    /** Hands over what was collected, and keeps the rest of the buffer for the next replies. */
    private void sendCollected() {
        ByteBuf before = collected;
        if (before != null && before.isReadable()) {
            ctx.write(before.readRetainedSlice(before.readableBytes()), ctx.voidPromise());
        }
    }

    void flush() {
        ByteBuf last = collected;
        collected = null;
        if (last != null && last.isReadable()) {
            ctx.write(last, ctx.voidPromise());
        } else if (last != null) {
            last.release();
        }
        ctx.flush();
    }

    /** The connection has ended: nothing will be sent. */
    void discard() {
        if (collected != null) {
            collected.release();
            collected = null;
        }
    }

    /** A buffer with room for so many bytes; what was collected is sent first where it is full. */
    private ByteBuf room(int bytes) {
        ByteBuf out = collected;
        if (out != null && out.writableBytes() >= bytes) {
            return out;
        }
        if (out != null) {
            flush();
        }
        // A socket that does not keep up gets buffers of the size of its replies, not the loop's large one.
        boolean keepsUp =
                ctx.channel().bytesBeforeUnwritable() > ctx.channel().config().getWriteBufferHighWaterMark() / 2;
        out = keepsUp && bytes <= LoopBuffers.REPLY_BYTES
                ? LoopBuffers.current().reply(ctx.alloc())
                : ctx.alloc().directBuffer(Math.max(bytes, SMALL_BUFFER_BYTES));
        collected = out;
        return out;
    }
}
