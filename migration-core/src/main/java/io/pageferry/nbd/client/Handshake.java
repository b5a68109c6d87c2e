package io.pageferry.nbd.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.pageferry.nbd.HandshakeFlags;
import io.pageferry.nbd.NbdLimits;
import io.pageferry.nbd.NbdMagic;
import io.pageferry.nbd.NbdOption;
import io.pageferry.nbd.OptionHeader;
import io.pageferry.nbd.OptionReplyHeader;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The newstyle handshake (proto.md, "Handshake"): exchanges the greetings, frames options and replies, and leaves what is
 * asked to its {@link HandshakePlan}. When it ends it leaves the pipeline, and hands on the bytes that came after it.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what goes wrong with a socket ends in channelInactive
final class Handshake<T> extends ByteToMessageDecoder {
    /** How a handshake ended: the connection, and what was learned. */
    record Result<T>(Channel channel, T value) {}

    private static final int GREETING_SIZE = 18;
    private static final int EXPORT_NAME_REPLY_SIZE = 10;
    /** An export's name and description, with room to spare. */
    private static final int MAX_REPLY_BYTES = 1 << 16;
    /** Bounds what a list can make the client remember. */
    private static final int MAX_REPLIES = 1 << 16;

    private final HandshakePlan<T> plan;
    private final CompletableFuture<Result<T>> result;
    private boolean greeted;
    private boolean noZeroes;
    private int replyCount;
    private @Nullable NbdOption asked;

    Handshake(HandshakePlan<T> plan, CompletableFuture<Result<T>> result) {
        this.plan = plan;
        this.result = result;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws NbdFailure {
        if (result.isDone()) {
            in.skipBytes(in.readableBytes()); // what a peer says after it failed
        } else if (!greeted) {
            greeting(ctx, in);
        } else if (asked == NbdOption.EXPORT_NAME) {
            exportNameReply(ctx, in);
        } else {
            optionReply(ctx, in);
        }
    }

    private void greeting(ChannelHandlerContext ctx, ByteBuf in) throws NbdFailure {
        int index = in.readerIndex();
        if (in.readableBytes() >= Long.BYTES && in.getLong(index) != NbdMagic.INIT_PASSWD) {
            throw new NbdProtocolException("not an NBD server: it began with 0x" + Long.toHexString(in.getLong(index)));
        }
        if (in.readableBytes() >= 2 * Long.BYTES && in.getLong(index + Long.BYTES) != NbdMagic.I_HAVE_OPT) {
            throw new NbdProtocolException(
                    in.getLong(index + Long.BYTES) == NbdMagic.OLDSTYLE
                            ? "the server speaks only the oldstyle NBD handshake, which is not supported"
                            : "the server speaks an unknown NBD handshake");
        }
        if (in.readableBytes() < GREETING_SIZE) {
            return;
        }
        in.skipBytes(2 * Long.BYTES);
        int flags = in.readUnsignedShort() & HandshakeFlags.KNOWN;
        noZeroes = (flags & HandshakeFlags.NO_ZEROES) != 0;
        greeted = true;
        ctx.write(ctx.alloc().buffer(Integer.BYTES).writeInt(flags));
        take(ctx, plan.first((flags & HandshakeFlags.FIXED_NEWSTYLE) != 0));
    }

    private void exportNameReply(ChannelHandlerContext ctx, ByteBuf in) throws NbdFailure {
        int size = EXPORT_NAME_REPLY_SIZE + (noZeroes ? 0 : NbdLimits.EXPORT_NAME_PADDING_BYTES);
        if (in.readableBytes() >= size) {
            long sizeBytes = in.readLong();
            int flags = in.readUnsignedShort();
            in.skipBytes(size - EXPORT_NAME_REPLY_SIZE);
            take(ctx, plan.exportNameReply(sizeBytes, flags));
        }
    }

    private void optionReply(ChannelHandlerContext ctx, ByteBuf in) throws NbdFailure {
        if (in.readableBytes() < OptionReplyHeader.SIZE) {
            return;
        }
        int index = in.readerIndex();
        NbdOption option = asked;
        if (!OptionReplyHeader.hasMagic(in, index)) {
            throw new NbdProtocolException("a reply to an option has a wrong magic number");
        }
        if (option == null || OptionReplyHeader.option(in, index) != option.code()) {
            throw new NbdProtocolException("the server answered "
                    + NbdOption.nameOf(OptionReplyHeader.option(in, index)) + ", but was asked "
                    + (option == null ? "nothing" : "NBD_OPT_" + option));
        }
        long dataBytes = OptionReplyHeader.dataBytes(in, index);
        if (dataBytes > MAX_REPLY_BYTES || ++replyCount > MAX_REPLIES) {
            throw new NbdProtocolException("the server's answer to NBD_OPT_" + option + " is too long");
        }
        if (in.readableBytes() < OptionReplyHeader.SIZE + dataBytes) {
            replyCount--;
            return;
        }
        in.skipBytes(OptionReplyHeader.SIZE);
        ByteBuf data = in.readSlice((int) dataBytes);
        take(ctx, plan.reply(option, OptionReplyHeader.type(in, index), data));
    }

    private void take(ChannelHandlerContext ctx, HandshakePlan.Step<T> step) {
        switch (step) {
            case HandshakePlan.Send<T>(var option, var data) -> {
                asked = option;
                ByteBuf header = ctx.alloc().buffer(OptionHeader.SIZE);
                OptionHeader.write(header, option, data.readableBytes());
                ctx.write(header);
                ctx.writeAndFlush(data);
            }
            case HandshakePlan.Wait<T>() -> {}
            case HandshakePlan.Done<T>(var value, var transmits) -> end(ctx, value, transmits);
        }
    }

    private void end(ChannelHandlerContext ctx, T value, boolean transmits) {
        if (transmits) {
            result.complete(new Result<>(ctx.channel(), value));
            ctx.pipeline().remove(this);
            return;
        }
        ByteBuf abort = ctx.alloc().buffer(OptionHeader.SIZE);
        OptionHeader.write(abort, NbdOption.ABORT, 0);
        ctx.writeAndFlush(abort).addListener(ChannelFutureListener.CLOSE);
        result.complete(new Result<>(ctx.channel(), value));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Throwable reason = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        fail(ctx, reason instanceof NbdFailure failure ? failure : lost(reason));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        super.channelInactive(ctx);
        fail(ctx, lost(null));
    }

    private NbdFailure lost(@Nullable Throwable cause) {
        String during = asked == null ? "" : ", while it was asked NBD_OPT_" + asked;
        String message = asked == NbdOption.EXPORT_NAME
                ? "the server ended the connection instead of opening the export: there may be none of this name"
                : "the server ended the connection during the handshake" + during;
        return cause == null ? new NbdUnreachableException(message) : new NbdUnreachableException(message, cause);
    }

    /** Ends the handshake, unless it is over. */
    void fail(ChannelHandlerContext ctx, NbdFailure failure) {
        if (result.completeExceptionally(failure)) {
            ctx.close();
        }
    }
}
