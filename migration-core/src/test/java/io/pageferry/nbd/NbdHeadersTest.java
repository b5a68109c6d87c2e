package io.pageferry.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Every header against the bytes that the specification's layout gives, written out by hand. */
class NbdHeadersTest {
    private static final long COOKIE = 0xfedcba9876543210L;

    private static ByteBuf encoded(String hex, Consumer<ByteBuf> writer) {
        ByteBuf buffer = Unpooled.buffer();
        writer.accept(buffer);
        assertThat(ByteBufUtil.hexDump(buffer)).isEqualTo(hex.replace(" ", ""));
        return buffer;
    }

    @Test
    void aRequestIsTwentyEightBytesAndReadsBack() {
        ByteBuf bytes = encoded(
                "25609513 0011 0006 fedcba9876543210 8000000000001000 fffff000",
                b -> RequestHeader.write(
                        b, 0x11, CommandType.WRITE_ZEROES, COOKIE, Long.MIN_VALUE + 4096, 0xfffff000L));
        assertThat(bytes.readableBytes()).isEqualTo(RequestHeader.SIZE);
        assertThat(RequestHeader.hasMagic(bytes, 0)).isTrue();
        assertThat(RequestHeader.flags(bytes, 0)).isEqualTo(CommandFlags.FUA | CommandFlags.FAST_ZERO);
        assertThat(RequestHeader.type(bytes, 0)).isEqualTo(CommandType.WRITE_ZEROES);
        assertThat(RequestHeader.cookie(bytes, 0)).isEqualTo(COOKIE);
        assertThat(RequestHeader.offset(bytes, 0)).isEqualTo(Long.MIN_VALUE + 4096);
        assertThat(RequestHeader.lengthBytes(bytes, 0)).isEqualTo(0xfffff000L);
    }

    @Test
    void aSimpleReplyIsSixteenBytesAndReadsBack() {
        ByteBuf bytes = encoded("67446698 0000001c fedcba9876543210", b -> SimpleReply.write(b, 28, COOKIE));
        assertThat(bytes.readableBytes()).isEqualTo(SimpleReply.SIZE);
        assertThat(SimpleReply.hasMagic(bytes, 0)).isTrue();
        assertThat(NbdError.of(SimpleReply.error(bytes, 0))).isEqualTo(NbdError.ENOSPC);
        assertThat(SimpleReply.cookie(bytes, 0)).isEqualTo(COOKIE);
    }

    @Test
    void aChunkHeaderReadsBackWithALengthBeyondTwoGiB() {
        ByteBuf bytes = encoded(
                "668e33ef 0001 8002 fedcba9876543210 ffffffff",
                b -> ReplyChunk.writeHeader(b, ChunkType.FLAG_DONE, ChunkType.ERROR_OFFSET, COOKIE, 0xffffffffL));
        assertThat(ReplyChunk.hasMagic(bytes, 0)).isTrue();
        assertThat(ReplyChunk.flags(bytes, 0)).isEqualTo(ChunkType.FLAG_DONE);
        assertThat(ReplyChunk.type(bytes, 0)).isEqualTo(ChunkType.ERROR_OFFSET);
        assertThat(ChunkType.isError(ReplyChunk.type(bytes, 0))).isTrue();
        assertThat(ReplyChunk.cookie(bytes, 0)).isEqualTo(COOKIE);
        assertThat(ReplyChunk.payloadBytes(bytes, 0)).isEqualTo(0xffffffffL);
    }

    @Test
    void theChunksOfEachTypeHaveThePayloadOfTheSpecification() {
        encoded("668e33ef 0001 0000 0000000000000007 00000000", b -> ReplyChunk.writeNone(b, 7));
        encoded(
                "668e33ef 0000 0001 0000000000000007 00000009 0000000000000200",
                b -> ReplyChunk.writeDataPrefix(b, 0, 7, 512, 1));
        encoded(
                "668e33ef 0001 0002 0000000000000007 0000000c 0000000000000200 00001000",
                b -> ReplyChunk.writeHole(b, ChunkType.FLAG_DONE, 7, 512, 4096));
        encoded(
                "668e33ef 0000 0005 0000000000000007 00000014 00000003",
                b -> ReplyChunk.writeStatusPrefix(b, 0, 7, 3, 2));
        encoded(
                "668e33ef 0001 8001 0000000000000007 0000000a 00000001 0004 6e6f7065",
                b -> ReplyChunk.writeError(b, 7, NbdError.EPERM, "nope"));
    }

    @Test
    void anErrorMessageNeverExceedsTheLimitOfAString() {
        ByteBuf bytes = Unpooled.buffer();
        ReplyChunk.writeError(bytes, 1, NbdError.EIO, "x".repeat(70_000));
        assertThat(ReplyChunk.payloadBytes(bytes, 0))
                .isEqualTo(ReplyChunk.ERROR_PAYLOAD_SIZE + NbdLimits.MAX_STRING_BYTES);
        assertThat(bytes.readableBytes()).isEqualTo(ReplyChunk.HEADER_SIZE + 6 + 4096);
    }

    @Test
    void optionsAndTheirRepliesReadBack() {
        ByteBuf option = encoded("49484156454f5054 00000007 00000010", b -> OptionHeader.write(b, NbdOption.GO, 16));
        assertThat(OptionHeader.hasMagic(option, 0)).isTrue();
        assertThat(NbdOption.of(OptionHeader.option(option, 0))).isEqualTo(NbdOption.GO);
        assertThat(OptionHeader.dataBytes(option, 0)).isEqualTo(16);
        ByteBuf reply = encoded(
                "0003e889045565a9 00000063 80000001 00000000",
                b -> OptionReplyHeader.write(b, 99, OptionReply.ERR_UNSUP, 0));
        assertThat(OptionReplyHeader.hasMagic(reply, 0)).isTrue();
        assertThat(OptionReplyHeader.option(reply, 0)).isEqualTo(99);
        assertThat(OptionReply.of(OptionReplyHeader.type(reply, 0))).isEqualTo(OptionReply.ERR_UNSUP);
        assertThat(OptionReply.isError(OptionReplyHeader.type(reply, 0))).isTrue();
        assertThat(OptionReplyHeader.dataBytes(reply, 0)).isZero();
    }

    @Test
    void unknownNumbersHaveNamesAndUnexpectedErrorsAreInvalid() {
        assertThat(NbdOption.of(4)).isNull();
        assertThat(NbdOption.nameOf(4)).isEqualTo("option 4");
        assertThat(OptionReply.nameOf(0x80000063)).isEqualTo("reply 0x80000063");
        assertThat(CommandType.nameOf(8)).isEqualTo("command 8");
        assertThat(NbdError.of(42)).isEqualTo(NbdError.EINVAL);
        assertThat(new TransmissionFlags(0x8003)).hasToString("has_flags|read_only|bit15");
    }

    @Test
    void blockSizesOutsideTheSpecificationAreNotValid() {
        assertThat(BlockSizes.UNANNOUNCED.isValid()).isTrue();
        assertThat(new BlockSizes(1, 512, 0xffffffffL).isValid()).isTrue();
        assertThat(new BlockSizes(0, 4096, 1 << 20).isValid()).isFalse();
        assertThat(new BlockSizes(3, 4096, 1 << 20).isValid()).isFalse();
        assertThat(new BlockSizes(1 << 17, 1 << 17, 1 << 20).isValid()).isFalse();
        assertThat(new BlockSizes(4096, 512, 1 << 20).isValid()).isFalse();
        assertThat(new BlockSizes(1, 256, 1 << 20).isValid()).isFalse();
        assertThat(new BlockSizes(1, 4096, 512).isValid()).isFalse();
    }
}
