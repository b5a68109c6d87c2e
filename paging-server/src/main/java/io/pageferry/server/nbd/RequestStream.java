package io.pageferry.server.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.NbdError;
import io.pageferry.nbd.NbdLimits;
import io.pageferry.nbd.RequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * Takes the requests of one connection from what is received, in order. Event loop only.
 *
 * <p>Invariant: memory for a client is bounded. While its unsent replies, its commands in flight or the memory for
 * buffered writes are at their limit, no request is taken and nothing more is received; what was received before stays
 * in {@code rest}, which is at most one receive buffer.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed close or send ends the connection, which is told of that
final class RequestStream implements ConnectionReceive.Target {
    private static final System.Logger LOG = System.getLogger(RequestStream.class.getName());

    /** A refused payload longer than this is not read past: the client is disconnected. */
    private static final long LONGEST_SKIPPED_BYTES = 2L * NbdLimits.DEFAULT_MAX_PAYLOAD_BYTES;

    /** After a payload of this size the next header is received alone, so that the next payload is not copied. */
    private static final int LARGE_BYTES = 128 << 10;

    private final ServerContext server;
    private final ChannelHandlerContext ctx;
    private final Replies replies;
    private final Offload offload;
    private final Commands commands;
    private final RequestCheck check;
    private final Request request = new Request();

    private ByteBuf rest = Unpooled.EMPTY_BUFFER;
    private @Nullable Payload payload;
    private boolean intoTarget;
    private boolean expectsLarge;
    private boolean running;
    private boolean suspended;
    private boolean ending;

    RequestStream(
            ServerContext server,
            NbdConnection connection,
            ChannelHandlerContext ctx,
            Replies replies,
            Offload offload,
            Commands commands) {
        this.server = server;
        this.ctx = ctx;
        this.replies = replies;
        this.offload = offload;
        this.commands = commands;
        check = new RequestCheck(connection);
    }

    Replies replies() {
        return replies;
    }

    /** Whether no worker works for this connection. */
    boolean isIdle() {
        return offload.inFlight() == 0;
    }

    /** Whether the client said goodbye and everything it asked for before is done. */
    boolean isFinished() {
        return ending && isIdle();
    }

    /**
     * Where the next bytes go: straight to their place, or behind the rest of the earlier ones.
     *
     * <p>Invariant: what was received stays in {@code rest} until the buffer that also holds it has received more. A receive call
     * that finds nothing has its buffer released unseen, and would lose it.
     */
    @Override
    public ByteBuf next(ByteBufAllocator allocator) {
        intoTarget = false;
        if (payload != null) {
            ByteBuf target = payload.target(allocator);
            if (target != null) {
                intoTarget = true;
                return target;
            }
        }
        if (expectsLarge && !rest.isReadable()) {
            return allocator.directBuffer(RequestHeader.SIZE, RequestHeader.SIZE);
        }
        int kept = rest.readableBytes();
        ByteBuf buffer = kept <= LoopBuffers.RECEIVE_BYTES / 2
                ? LoopBuffers.current().receive(allocator)
                : allocator.directBuffer(
                        kept + LoopBuffers.RECEIVE_BYTES); // a full buffer would receive nothing: the end, it seems
        return buffer.writeBytes(rest, rest.readerIndex(), kept);
    }

    @Override
    public void received(int bytes) {
        if (intoTarget && payload != null) {
            payload.received(bytes);
        }
    }

    /** Takes what {@link #next}'s buffer received, or what the handshake left. */
    void received(ByteBuf in) {
        boolean placed = intoTarget;
        intoTarget = false;
        if (!placed) {
            replaceRest(Unpooled.EMPTY_BUFFER);
        }
        run(placed ? Unpooled.EMPTY_BUFFER : in);
    }

    /** Goes on, if it is suspended and there is no reason for that any more. */
    void resume() {
        if (!suspended || running || mustWait()) {
            return;
        }
        suspended = false;
        ByteBuf waiting = rest;
        rest = Unpooled.EMPTY_BUFFER;
        try {
            run(waiting);
        } finally {
            waiting.release();
        }
        if (!suspended && !ending) {
            ctx.channel().config().setAutoRead(true);
        }
    }

    /** The connection has ended. */
    void abandon() {
        ending = true;
        if (payload != null) {
            payload.abandon();
            payload = null;
        }
        replaceRest(Unpooled.EMPTY_BUFFER);
    }

    private void run(ByteBuf in) {
        running = true;
        try {
            while (takePayload(in) && takeRequest(in)) {}
        } finally {
            running = false;
        }
        if (in.isReadable() && !ending) {
            replaceRest(ctx.alloc().directBuffer(in.readableBytes()).writeBytes(in));
        }
    }

    /** Takes what is there of a payload; true if none is missing any more. */
    private boolean takePayload(ByteBuf in) {
        Payload current = payload;
        if (current == null) {
            return true;
        }
        if (current.missing() > 0 && in.isReadable()) {
            current.take(in);
        }
        if (current.missing() > 0) {
            return false;
        }
        payload = null;
        current.complete();
        return true;
    }

    private boolean takeRequest(ByteBuf in) {
        if (ending || in.readableBytes() < RequestHeader.SIZE) {
            return false;
        }
        if (mustWait()) {
            return suspend();
        }
        int at = in.readerIndex();
        if (!RequestHeader.hasMagic(in, at)) {
            return drop("sent no request where one was due");
        }
        request.read(in);
        server.metrics().request(request.type());
        expectsLarge = false;
        if (request.type() == CommandType.DISC) {
            ending = true;
            return false;
        }
        NbdError error = check.errorOf(request);
        if (request.type() == CommandType.WRITE) {
            return takeWrite(in, at, error);
        }
        if (error == null) {
            commands.run(request);
        } else {
            replies.failure(request, error, error.hint());
        }
        return true;
    }

    private boolean takeWrite(ByteBuf in, int headerAt, @Nullable NbdError error) {
        WriteCommand writes = commands.writes();
        long length = request.length();
        if (error != null) {
            if (length > LONGEST_SKIPPED_BYTES) {
                return drop("announced a payload of " + length + " bytes");
            }
            payload = new SkippedPayload(request.kept(), error, writes);
            return true;
        }
        boolean whole = in.readableBytes() >= length;
        if (!whole && length <= WriteCommand.DIRECT_BYTES) {
            in.readerIndex(headerAt); // waits in the stream for the little that is missing
            return false;
        }
        if (writes.isBuffered() && !server.bufferedWrites().tryTake(length, this::resumeSoon)) {
            in.readerIndex(headerAt);
            return suspend();
        }
        expectsLarge = length >= LARGE_BYTES;
        if (whole) {
            writes.run(request, in, ctx.alloc());
        } else {
            payload = writes.receive(request, ctx.alloc());
        }
        return true;
    }

    /** Whether a limit is reached. Replies that were only collected are sent first. */
    private boolean mustWait() {
        if (offload.inFlight() >= server.options().maxInFlight()) {
            return true;
        }
        if (!ctx.channel().isWritable()) {
            replies.flush();
        }
        return !ctx.channel().isWritable();
    }

    private boolean suspend() {
        suspended = true;
        ctx.channel().config().setAutoRead(false);
        return false;
    }

    private void resumeSoon() {
        ctx.executor().execute(() -> {
            resume();
            replies.flush();
        });
    }

    private boolean drop(String why) {
        LOG.log(System.Logger.Level.DEBUG, () -> ctx.channel() + " " + why);
        ending = true;
        replies.flush();
        ctx.close();
        return false;
    }

    private void replaceRest(ByteBuf replacement) {
        rest.release();
        rest = replacement;
    }
}
