package io.pageferry.server.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The transmission phase of one connection, as Netty's events drive it: what is received goes to the
 * {@link RequestStream}, and the replies that come of it are sent together when nothing more is there to read.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed close or send ends the connection, which is told of that
final class TransmissionHandler extends ChannelInboundHandlerAdapter {
    private static final System.Logger LOG = System.getLogger(TransmissionHandler.class.getName());

    private final ServerContext server;
    private final NbdConnection connection;
    private final ConnectionReceive receive;
    private @Nullable RequestStream stream;
    private boolean gone;
    private boolean ended;
    private boolean watchingStall;
    private long writableEpisodes;

    TransmissionHandler(ServerContext server, NbdConnection connection, ConnectionReceive receive) {
        this.server = server;
        this.connection = connection;
        this.receive = receive;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        Replies replies = new Replies(ctx, server.metrics(), connection.structuredReplies());
        Completions completions = new Completions(ctx.executor(), () -> afterCompletions(ctx));
        Offload offload = new Offload(connection, completions);
        Commands commands = new Commands(server, connection, replies, offload);
        stream = new RequestStream(server, connection, ctx, replies, offload, commands);
        receive.setTarget(stream);
    }

    private RequestStream stream() {
        if (stream == null) {
            throw new IllegalStateException("not in a pipeline yet");
        }
        return stream;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (!gone) {
                stream().received(in);
            }
        } finally {
            in.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        settle(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (gone) {
            return;
        }
        if (ctx.channel().isWritable()) {
            writableEpisodes++;
            stream().resume();
            settle(ctx);
        } else if (!watchingStall) {
            watchingStall = true;
            watchStall(ctx);
        }
    }

    private void afterCompletions(ChannelHandlerContext ctx) {
        if (gone) {
            endIfIdle();
            return;
        }
        stream().resume();
        settle(ctx);
    }

    /** Sends what was collected; closes after the last reply to a client that said goodbye. */
    private void settle(ChannelHandlerContext ctx) {
        if (gone) {
            return;
        }
        stream().replies().flush();
        if (stream().isFinished()) {
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** Disconnects a client that takes none of its replies for too long: it holds memory that others may need. */
    private void watchStall(ChannelHandlerContext ctx) {
        long episode = writableEpisodes;
        long timeoutMs = server.options().stalledTimeout().toMillis();
        ctx.executor()
                .schedule(
                        () -> {
                            if (gone || ctx.channel().isWritable()) {
                                watchingStall = false;
                            } else if (episode == writableEpisodes) {
                                LOG.log(
                                        System.Logger.Level.INFO,
                                        () -> "disconnecting " + ctx.channel() + ": it does not read its replies");
                                ctx.close();
                            } else {
                                watchStall(ctx);
                            }
                        },
                        timeoutMs,
                        TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!gone) {
            gone = true;
            stream().abandon();
            endIfIdle();
        }
    }

    /** Lets go of the space, once no worker works for this connection any more. */
    private void endIfIdle() {
        stream().replies().discard();
        if (stream().isIdle() && !ended) {
            ended = true;
            try {
                server.workers().data().execute(this::end);
            } catch (RejectedExecutionException stopping) {
                end();
            }
        }
    }

    /** Lets go of the space; gives back what was allocated ahead of this writer, which may block. */
    private void end() {
        try {
            connection.space().releaseUnused();
        } finally {
            server.connections().ended(connection);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A client that goes away is no news; anything else is a fault of ours, and ends this connection alone.
        System.Logger.Level level =
                cause instanceof IOException ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING;
        LOG.log(level, () -> "the connection " + ctx.channel() + " broke", cause);
        ctx.close();
    }
}
