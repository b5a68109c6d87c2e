package io.pageferry.server.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.pageferry.nbd.BlockSizes;
import io.pageferry.nbd.InfoType;
import io.pageferry.nbd.NbdLimits;
import io.pageferry.nbd.OptionReply;
import io.pageferry.nbd.OptionReplyHeader;
import java.nio.charset.StandardCharsets;

/** Writes the replies of the handshake; callable from any thread, flushed by the handshake. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed close or send ends the connection, which is told of that
final class OptionReplies {
    private final ChannelHandlerContext ctx;

    OptionReplies(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    Channel channel() {
        return ctx.channel();
    }

    void ack(int option) {
        ctx.write(header(option, OptionReply.ACK, 0));
    }

    void error(int option, OptionReply error, String message) {
        byte[] text = message.getBytes(StandardCharsets.UTF_8);
        int textBytes = Math.min(text.length, NbdLimits.MAX_STRING_BYTES);
        ByteBuf reply = header(option, error, textBytes);
        ctx.write(reply.writeBytes(text, 0, textBytes));
    }

    void server(int option, String name) {
        int nameBytes = ByteBufUtil.utf8Bytes(name);
        ByteBuf reply = header(option, OptionReply.SERVER, Integer.BYTES + nameBytes);
        reply.writeInt(nameBytes);
        reply.writeCharSequence(name, StandardCharsets.UTF_8);
        ctx.write(reply);
    }

    void exportInfo(int option, long sizeBytes, int transmissionFlags) {
        ByteBuf reply = header(option, OptionReply.INFO, InfoType.EXPORT_BYTES);
        reply.writeShort(InfoType.EXPORT);
        reply.writeLong(sizeBytes);
        reply.writeShort(transmissionFlags);
        ctx.write(reply);
    }

    void textInfo(int option, int infoType, String text) {
        ByteBuf reply = header(option, OptionReply.INFO, Short.BYTES + ByteBufUtil.utf8Bytes(text));
        reply.writeShort(infoType);
        reply.writeCharSequence(text, StandardCharsets.UTF_8);
        ctx.write(reply);
    }

    void blockSizes(int option, BlockSizes sizes) {
        ByteBuf reply = header(option, OptionReply.INFO, InfoType.BLOCK_SIZE_BYTES);
        reply.writeShort(InfoType.BLOCK_SIZE);
        reply.writeInt((int) sizes.minimumBytes());
        reply.writeInt((int) sizes.preferredBytes());
        reply.writeInt((int) sizes.maximumPayloadBytes());
        ctx.write(reply);
    }

    void metaContext(int option, int id, String name) {
        ByteBuf reply = header(option, OptionReply.META_CONTEXT, Integer.BYTES + ByteBufUtil.utf8Bytes(name));
        reply.writeInt(id);
        reply.writeCharSequence(name, StandardCharsets.UTF_8);
        ctx.write(reply);
    }

    /** The reply to EXPORT_NAME, which has no header. */
    void exportNameReply(long sizeBytes, int transmissionFlags, boolean zeroes) {
        ByteBuf reply = ctx.alloc().buffer(Long.BYTES + Short.BYTES + NbdLimits.EXPORT_NAME_PADDING_BYTES);
        reply.writeLong(sizeBytes);
        reply.writeShort(transmissionFlags);
        if (zeroes) {
            reply.writeZero(NbdLimits.EXPORT_NAME_PADDING_BYTES);
        }
        ctx.write(reply);
    }

    private ByteBuf header(int option, OptionReply type, int dataBytes) {
        ByteBuf reply = ctx.alloc().buffer(OptionReplyHeader.SIZE + dataBytes);
        OptionReplyHeader.write(reply, option, type, dataBytes);
        return reply;
    }
}
