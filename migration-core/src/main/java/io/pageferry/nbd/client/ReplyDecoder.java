package io.pageferry.nbd.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.pageferry.nbd.ChunkType;
import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.ReplyChunk;
import io.pageferry.nbd.SimpleReply;
import org.jspecify.annotations.Nullable;

/**
 * Takes the replies of the transmission phase apart (proto.md, "Simple reply message", "Structured reply chunk message").
 * Data goes into the caller's memory as it arrives: by the kernel itself where {@link DirectReceive} had a buffer of the
 * caller's memory ready, by one copy where it came in behind a header. Everything else is small and bounded.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what goes wrong with a socket ends in channelInactive
final class ReplyDecoder extends ChannelInboundHandlerAdapter {
    /** Whom the decoder tells. All calls are on the connection's event loop. */
    interface Sink {
        /** The request in flight of this cookie, or null where there is none. */
        @Nullable
        Request inFlight(long cookie);

        /** The reply to the request is complete and consistent. */
        void replied(Request request);

        /** Bytes arrived. */
        void progressed();

        /** The peer broke the protocol; nothing is decoded any more. */
        void violated(NbdProtocolException violation);

        /** The connection ended; {@code cause} is null where the peer simply closed it. */
        void disconnected(@Nullable Throwable cause);
    }

    private enum Phase {
        HEADER,
        DATA_OFFSET,
        DATA,
        PAYLOAD,
        BROKEN
    }

    /** Below this a copy is cheaper than a system call of its own. */
    private static final int LEAST_DIRECT_BYTES = 32 << 10;

    private final Sink sink;
    private final ByteBuf partial = Unpooled.buffer(64, ReplyPayload.MAX_BYTES);
    private ReplyPayload payload;
    private boolean structured;

    private Phase phase = Phase.HEADER;
    private int neededBytes = SimpleReply.SIZE;
    private @Nullable Request request;
    private int chunkType;
    private boolean lastChunk;
    /** Where in the request's memory the next byte of data goes, and how many bytes are still to come. */
    private int position;

    private int remainingBytes;
    private @Nullable ByteBuf direct;
    private @Nullable Throwable cause;

    ReplyDecoder(Sink sink) {
        this.sink = sink;
        this.payload = new ReplyPayload(java.util.Map.of());
    }

    /** Tells what the handshake agreed on; before the first reply. */
    void agreed(ExportInfo info) {
        structured = info.structuredReplies();
        payload = new ReplyPayload(info.contexts());
    }

    /** Memory of the caller that the next bytes from the socket belong in, or null where it is not worth it. */
    @Nullable
    ByteBuf directTarget() {
        Request reading = request;
        if (phase != Phase.DATA || reading == null || remainingBytes < LEAST_DIRECT_BYTES) {
            return null;
        }
        ByteBuf target = Unpooled.wrappedBuffer(reading.bytes.slice(position, remainingBytes));
        target.writerIndex(0);
        direct = target;
        return target;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the question is whether it is this very buffer
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (in == direct) {
                advance(in.readableBytes());
            } else {
                while (in.isReadable() && phase != Phase.BROKEN) {
                    decode(in);
                }
            }
        } catch (NbdProtocolException violation) {
            phase = Phase.BROKEN;
            sink.violated(violation);
        } finally {
            direct = null;
            in.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        sink.progressed();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable thrown) {
        cause = thrown;
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        phase = Phase.BROKEN;
        sink.disconnected(cause);
    }

    private void decode(ByteBuf in) throws NbdProtocolException {
        if (phase == Phase.DATA) {
            int count = Math.min(remainingBytes, in.readableBytes());
            in.readBytes(requireRequest().bytes.slice(position, count));
            advance(count);
            return;
        }
        if (partial.readableBytes() == 0 && in.readableBytes() >= neededBytes) {
            int whole = neededBytes;
            int start = in.readerIndex();
            if (decodeField(in, start)) {
                in.readerIndex(start + whole);
                return;
            }
        }
        partial.writeBytes(in, Math.min(neededBytes - partial.readableBytes(), in.readableBytes()));
        if (partial.readableBytes() == neededBytes && decodeField(partial, 0)) {
            partial.clear();
        }
    }

    /** Decodes what {@link #neededBytes} bytes hold; false where more of the same field are needed. */
    private boolean decodeField(ByteBuf in, int index) throws NbdProtocolException {
        switch (phase) {
            case HEADER -> {
                return header(in, index);
            }
            case DATA_OFFSET -> beginData(in.getLong(index));
            case PAYLOAD -> {
                payload.decode(requireRequest(), chunkType, in, index, neededBytes);
                endChunk();
            }
            case DATA, BROKEN -> throw new IllegalStateException(phase.name());
        }
        return true;
    }

    private boolean header(ByteBuf in, int index) throws NbdProtocolException {
        if (SimpleReply.hasMagic(in, index)) {
            simpleReply(in, index);
            return true;
        }
        if (!structured || !ReplyChunk.hasMagic(in, index)) {
            throw new NbdProtocolException(
                    "a reply begins with the wrong magic number 0x" + Integer.toHexString(in.getInt(index))
                            + (structured ? "" : " (structured replies were not agreed on)"));
        }
        if (neededBytes < ReplyChunk.HEADER_SIZE) {
            neededBytes = ReplyChunk.HEADER_SIZE;
            return false;
        }
        chunk(in, index);
        return true;
    }

    private void simpleReply(ByteBuf in, int index) throws NbdProtocolException {
        Request answered = find(SimpleReply.cookie(in, index));
        int error = SimpleReply.error(in, index);
        lastChunk = true;
        boolean needsChunks = answered.type == CommandType.READ && structured;
        boolean lacksExtents = answered.type == CommandType.BLOCK_STATUS && error == 0;
        if (needsChunks || lacksExtents) {
            throw new NbdProtocolException("a simple reply to " + answered);
        }
        if (error != 0) {
            answered.failWith(error, "");
            endChunk();
        } else if (answered.type == CommandType.READ) {
            answered.coverage.add(answered.offset, answered.lengthBytes);
            data(0, (int) answered.lengthBytes);
        } else {
            endChunk();
        }
    }

    private void chunk(ByteBuf in, int index) throws NbdProtocolException {
        Request answered = find(ReplyChunk.cookie(in, index));
        chunkType = ReplyChunk.type(in, index);
        lastChunk = (ReplyChunk.flags(in, index) & ChunkType.FLAG_DONE) != 0;
        long bytes = ReplyChunk.payloadBytes(in, index);
        ReplyPayload.checkLength(answered, chunkType, lastChunk, bytes);
        switch (chunkType) {
            case ChunkType.NONE -> endChunk();
            case ChunkType.OFFSET_DATA -> {
                remainingBytes = (int) (bytes - Long.BYTES);
                next(Phase.DATA_OFFSET, Long.BYTES);
            }
            default -> next(Phase.PAYLOAD, (int) bytes);
        }
    }

    private void beginData(long offset) throws NbdProtocolException {
        Request reading = requireRequest();
        reading.coverage.add(offset, remainingBytes);
        data((int) (offset - reading.offset), remainingBytes);
    }

    private void data(int at, int lengthBytes) {
        position = at;
        remainingBytes = lengthBytes;
        next(Phase.DATA, 0);
    }

    private void advance(int count) throws NbdProtocolException {
        position += count;
        remainingBytes -= count;
        if (remainingBytes == 0) {
            endChunk();
        }
    }

    private void endChunk() throws NbdProtocolException {
        Request answered = requireRequest();
        request = null;
        next(Phase.HEADER, SimpleReply.SIZE);
        if (lastChunk) {
            payload.checkComplete(answered);
            answered.replied = true;
            sink.replied(answered);
        }
    }

    private void next(Phase following, int bytes) {
        phase = following;
        neededBytes = bytes;
    }

    private Request find(long cookie) throws NbdProtocolException {
        Request found = sink.inFlight(cookie);
        if (found == null || found.replied) {
            throw new NbdProtocolException("a reply has the cookie " + cookie + ", which no request in flight has");
        }
        request = found;
        return found;
    }

    private Request requireRequest() {
        if (request == null) {
            throw new IllegalStateException("no reply is being decoded in phase " + phase);
        }
        return request;
    }
}
