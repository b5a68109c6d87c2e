package io.pageferry.examples.kv;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.pageferry.examples.kv.command.Session;
import io.pageferry.examples.kv.resp.ProtocolException;
import io.pageferry.examples.kv.resp.ReplyWriter;
import io.pageferry.examples.kv.resp.RequestReader;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client. What it sends is executed in its order, while the gate is open and its replies are being read; otherwise
 * the bytes wait, and no more are read from its socket.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes its channel, and the loop logs what a task throws
final class KvConnection extends ChannelInboundHandlerAdapter {
    private static final int REPLIES_PER_WRITE_BYTES = 128 << 10;
    private static final int USUAL_HELD_BYTES = 1 << 20;
    private static final int GOODBYE_SECONDS = 5;

    /** Why execution stopped. */
    private enum Stop {
        NOTHING_LEFT,
        REPLIES_LARGE,
        GATE_CLOSED,
        CLIENT_LEAVES
    }

    private final Connections connections;
    private final Session session;
    private final RequestReader reader = new RequestReader();
    private @Nullable ChannelHandlerContext context;
    private int inputBytes;
    private boolean isHeld;
    private boolean isInputEnded;
    private boolean isSayingGoodbye;

    KvConnection(Connections connections, Session session) {
        this.connections = connections;
        this.session = session;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        if (!connections.add(this)) {
            reply(ctx, writer -> writer.error("ERR max number of clients reached"));
            sayGoodbye();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        isSayingGoodbye = true;
        connections.remove(this);
        connections.input().add(-inputBytes);
        inputBytes = 0;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf received = (ByteBuf) message;
        try {
            if (isSayingGoodbye) return;
            reader.add(received);
        } finally {
            received.release();
        }
        countInput();
        if (connections.input().isExceeded() && reader.heldBytes() > USUAL_HELD_BYTES) {
            reply(ctx, writer -> writer.error("ERR Protocol error: too much unfinished input from all clients"));
            sayGoodbye();
            return;
        }
        work(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) work(ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            isInputEnded = true;
            work(ctx);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        connections.failed(this, cause);
        cut(ctx);
    }

    /** The program runs again: goes on with what waits. */
    void goOn() {
        ChannelHandlerContext ctx = context;
        if (!isHeld || ctx == null) return;
        isHeld = false;
        work(ctx);
    }

    /**
     * Closes the connection once its replies are out. Input that is not read any more must not turn the close into a
     * reset, which could destroy replies on their way: output ends first, and input is thrown away until the client ends
     * too, or a few seconds are over.
     *
     * <p>Invariant: a command has been executed if and only if its reply precedes the end of the stream. So a stream that
     * lacks replies does not end: it is cut.
     */
    void sayGoodbye() {
        ChannelHandlerContext ctx = context;
        if (isSayingGoodbye || ctx == null) return;
        isSayingGoodbye = true;
        ChannelFuture replies = ctx.writeAndFlush(Unpooled.EMPTY_BUFFER);
        replies.addListener(replied -> {
            if (ctx.channel() instanceof DuplexChannel channel && !channel.isInputShutdown()) {
                channel.shutdownOutput();
                channel.config().setAutoRead(true);
            } else {
                ctx.close();
            }
        });
        ctx.executor()
                .schedule(
                        () -> {
                            if (replies.isSuccess()) ctx.close();
                            else cut(ctx);
                        },
                        GOODBYE_SECONDS,
                        TimeUnit.SECONDS);
    }

    /** Closes the connection in such a way that the client sees no end of the stream, but a reset. */
    private static void cut(ChannelHandlerContext ctx) {
        ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        ctx.close();
    }

    private void work(ChannelHandlerContext ctx) {
        if (isSayingGoodbye) return;
        Stop stop = Stop.REPLIES_LARGE;
        while (stop == Stop.REPLIES_LARGE
                && !isSayingGoodbye
                && !isHeld
                && ctx.channel().isWritable()) {
            if (connections.gate().enter()) {
                try {
                    stop = execute();
                } finally {
                    connections.gate().exit();
                }
                writeReplies(ctx);
            } else {
                stop = Stop.GATE_CLOSED;
            }
        }
        countInput();
        isHeld |= stop == Stop.GATE_CLOSED;
        if (stop == Stop.CLIENT_LEAVES || (stop == Stop.NOTHING_LEFT && isInputEnded)) sayGoodbye();
        if (!isSayingGoodbye) ctx.channel().config().setAutoRead(stop == Stop.NOTHING_LEFT);
    }

    /** Executes what has arrived, inside the gate. */
    private Stop execute() {
        ReplyWriter replies = connections.replies();
        replies.protocol(session.protocol());
        long nowMs = connections.nowMs();
        try {
            // The gate is looked at before each command: once a command is taken, it is finished.
            while (!connections.gate().isClosing()) {
                if (!reader.next()) return Stop.NOTHING_LEFT;
                connections.executor().execute(reader, replies, session, nowMs);
                connections.countCommand();
                if (session.isLeaving()) return Stop.CLIENT_LEAVES;
                if (replies.sizeBytes() >= REPLIES_PER_WRITE_BYTES) return Stop.REPLIES_LARGE;
            }
            return Stop.GATE_CLOSED;
        } catch (ProtocolException notRedis) {
            replies.error(String.valueOf(notRedis.getMessage()));
            return Stop.CLIENT_LEAVES;
        }
    }

    private void writeReplies(ChannelHandlerContext ctx) {
        int bytes = connections.replies().sizeBytes();
        if (bytes == 0) return;
        ByteBuf buffer = ctx.alloc().ioBuffer(bytes);
        connections.replies().drainTo(buffer);
        BufferBudget output = connections.output();
        output.add(bytes);
        ChannelFuture written = ctx.writeAndFlush(buffer);
        if (written.isDone()) output.add(-bytes);
        else written.addListener(done -> output.add(-bytes));
        if (output.isExceeded() && bytes > USUAL_HELD_BYTES && !written.isDone()) {
            connections.tooMuchOutput(this);
            cut(ctx);
        }
    }

    private void reply(ChannelHandlerContext ctx, java.util.function.Consumer<ReplyWriter> text) {
        text.accept(connections.replies());
        writeReplies(ctx);
    }

    private void countInput() {
        int held = reader.heldBytes();
        connections.input().add((long) held - inputBytes);
        inputBytes = held;
    }
}
