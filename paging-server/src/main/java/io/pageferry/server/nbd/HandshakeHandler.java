package io.pageferry.server.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.pageferry.nbd.HandshakeFlags;
import io.pageferry.nbd.NbdMagic;
import io.pageferry.nbd.OptionHeader;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The fixed newstyle handshake (proto.md, "Fixed newstyle negotiation"): greets, takes the client's flags, then options
 * one by one, until one of them begins the transmission or the time is over.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed close or send ends the connection, which is told of that
final class HandshakeHandler extends ChannelInboundHandlerAdapter {
    private static final System.Logger LOG = System.getLogger(HandshakeHandler.class.getName());

    /** The most data of an option; more is skipped and refused. */
    static final int MAX_OPTION_BYTES = 64 << 10;

    /** Who announces more than this is no NBD client. */
    private static final long ABSURD_OPTION_BYTES = 16 << 20;

    private final ServerContext server;
    private final ConnectionReceive receive;
    private final boolean refused;

    private ByteBuf input = Unpooled.EMPTY_BUFFER;
    private @Nullable Negotiation negotiation;
    private @Nullable Future<?> timeout;
    private long skipBytes;
    private int skippedOption;
    private boolean busy;
    private boolean inTake;
    private boolean over;

    HandshakeHandler(ServerContext server, ConnectionReceive receive, boolean refused) {
        this.server = server;
        this.receive = receive;
        this.refused = refused;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ByteBuf greeting = ctx.alloc().buffer(18);
        greeting.writeLong(NbdMagic.INIT_PASSWD);
        greeting.writeLong(NbdMagic.I_HAVE_OPT);
        greeting.writeShort(HandshakeFlags.KNOWN);
        ctx.writeAndFlush(greeting);
        startTimer(ctx);
    }

    private void startTimer(ChannelHandlerContext ctx) {
        long timeoutMs = server.options().handshakeTimeout().toMillis();
        timeout = ctx.executor().schedule(() -> timedOut(ctx), timeoutMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf received = (ByteBuf) message;
        if (over) {
            received.release();
            return;
        }
        if (input.isReadable()) {
            ByteBuf joined = ctx.alloc().buffer(input.readableBytes() + received.readableBytes());
            joined.writeBytes(input).writeBytes(received);
            received.release();
            received = joined;
        }
        input.release();
        input = received;
        proceed(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        proceed(ctx);
    }

    /** Takes whatever is complete in the input; stops while an option is worked on, or replies are not taken. */
    private void proceed(ChannelHandlerContext ctx) {
        while (!busy && !over && ctx.channel().isWritable() && takeNext(ctx)) {
            ctx.flush();
        }
        if (!over) {
            ctx.channel().config().setAutoRead(!busy && ctx.channel().isWritable());
        }
    }

    private boolean takeNext(ChannelHandlerContext ctx) {
        if (negotiation == null) {
            return takeClientFlags(ctx);
        }
        if (skipBytes > 0) {
            return skip(negotiation);
        }
        if (input.readableBytes() < OptionHeader.SIZE) {
            return false;
        }
        int at = input.readerIndex();
        if (!OptionHeader.hasMagic(input, at)) {
            return drop(ctx, "sent no option where one was due");
        }
        long dataBytes = OptionHeader.dataBytes(input, at);
        if (dataBytes > ABSURD_OPTION_BYTES) {
            return drop(ctx, "announced an option of " + dataBytes + " bytes");
        }
        int option = OptionHeader.option(input, at);
        if (dataBytes > MAX_OPTION_BYTES) {
            skippedOption = option;
            skipBytes = dataBytes;
            input.skipBytes(OptionHeader.SIZE);
            return true;
        }
        if (input.readableBytes() < OptionHeader.SIZE + dataBytes) {
            return false;
        }
        input.skipBytes(OptionHeader.SIZE);
        take(ctx, negotiation, option, input.readSlice((int) dataBytes));
        return true;
    }

    private boolean takeClientFlags(ChannelHandlerContext ctx) {
        if (input.readableBytes() < Integer.BYTES) {
            return false;
        }
        int flags = input.readInt();
        if ((flags & ~HandshakeFlags.KNOWN) != 0) {
            return drop(ctx, "set unknown client flags 0x" + Integer.toHexString(flags));
        }
        boolean zeroes = (flags & HandshakeFlags.NO_ZEROES) == 0;
        negotiation = new Negotiation(server, new OptionReplies(ctx), zeroes);
        return true;
    }

    private boolean skip(Negotiation current) {
        int skipped = (int) Math.min(skipBytes, input.readableBytes());
        input.skipBytes(skipped);
        skipBytes -= skipped;
        if (skipBytes == 0) {
            current.tooBig(skippedOption, MAX_OPTION_BYTES);
        }
        return skipped > 0;
    }

    private void take(ChannelHandlerContext ctx, Negotiation current, int option, ByteBuf data) {
        if (refused) {
            current.refuse(option, server.options().maxConnections());
            end(ctx);
            return;
        }
        busy = true;
        inTake = true;
        current.take(option, data).thenAccept(next -> {
            taken(ctx, next);
            if (!inTake) {
                proceed(ctx);
            }
        });
        inTake = false;
    }

    private void taken(ChannelHandlerContext ctx, Negotiation.Outcome next) {
        busy = false;
        ctx.flush();
        if (next.connection() != null) {
            beginTransmission(ctx, next.connection());
        } else if (next.ends()) {
            end(ctx);
        }
    }

    private void beginTransmission(ChannelHandlerContext ctx, NbdConnection connection) {
        stopTimer();
        over = true;
        if (!ctx.channel().isActive()) {
            server.connections().ended(connection);
            return;
        }
        ctx.pipeline().addLast(new TransmissionHandler(server, connection, receive));
        ByteBuf rest = input;
        input = Unpooled.EMPTY_BUFFER;
        ctx.channel().config().setAutoRead(true);
        ctx.pipeline().remove(this);
        ctx.pipeline().fireChannelRead(rest);
        ctx.pipeline().fireChannelReadComplete();
    }

    private boolean drop(ChannelHandlerContext ctx, String why) {
        LOG.log(System.Logger.Level.DEBUG, () -> ctx.channel() + " " + why);
        over = true;
        ctx.close();
        return false;
    }

    private void end(ChannelHandlerContext ctx) {
        over = true;
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> ctx.close());
    }

    private void timedOut(ChannelHandlerContext ctx) {
        if (busy) {
            startTimer(ctx); // it is the server that takes so long
        } else if (!over) {
            drop(ctx, "did not choose an export in time");
        }
    }

    private void stopTimer() {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stopTimer();
        over = true;
        input.release();
        input = Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.log(System.Logger.Level.DEBUG, () -> "the handshake with " + ctx.channel() + " broke", cause);
        ReferenceCountUtil.safeRelease(input);
        input = Unpooled.EMPTY_BUFFER;
        over = true;
        ctx.close();
    }
}
