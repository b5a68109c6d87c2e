package io.pageferry.nbd;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * A structured reply chunk (proto.md, "Structured reply chunk message"): magic (32 bits), flags (16), type (16), cookie
 * (64), payload length (32), payload. {@link ChunkType} tells what the payload is.
 */
public final class ReplyChunk {
    /** Bytes of the header. */
    public static final int HEADER_SIZE = 20;
    /** Bytes before the data of an OFFSET_DATA chunk: the header and the offset. */
    public static final int DATA_PREFIX_SIZE = HEADER_SIZE + Long.BYTES;
    /** Payload bytes of an OFFSET_HOLE chunk. */
    public static final int HOLE_PAYLOAD_SIZE = Long.BYTES + Integer.BYTES;
    /** Bytes of one extent of a BLOCK_STATUS chunk: its length and its flags. */
    public static final int EXTENT_SIZE = 2 * Integer.BYTES;
    /** The least payload of an ERROR chunk: the error and the length of the message. */
    public static final int ERROR_PAYLOAD_SIZE = Integer.BYTES + Short.BYTES;

    private static final int FLAGS = 4;
    private static final int TYPE = 6;
    private static final int COOKIE = 8;
    private static final int LENGTH = 16;

    private ReplyChunk() {}

    /** Appends the header alone. */
    public static void writeHeader(ByteBuf out, int flags, int type, long cookie, long payloadBytes) {
        out.ensureWritable(HEADER_SIZE);
        out.writeInt(NbdMagic.STRUCTURED_REPLY);
        out.writeInt(flags << Short.SIZE | type);
        out.writeLong(cookie);
        out.writeInt((int) payloadBytes);
    }

    /** Appends a whole NONE chunk: success, and the last of its reply. */
    public static void writeNone(ByteBuf out, long cookie) {
        writeHeader(out, ChunkType.FLAG_DONE, ChunkType.NONE, cookie, 0);
    }

    /** Appends all of an OFFSET_DATA chunk but its data, of which {@code dataBytes} must follow. */
    public static void writeDataPrefix(ByteBuf out, int flags, long cookie, long offset, long dataBytes) {
        writeHeader(out, flags, ChunkType.OFFSET_DATA, cookie, Long.BYTES + dataBytes);
        out.writeLong(offset);
    }

    /** Appends a whole OFFSET_HOLE chunk. */
    public static void writeHole(ByteBuf out, int flags, long cookie, long offset, long holeBytes) {
        writeHeader(out, flags, ChunkType.OFFSET_HOLE, cookie, HOLE_PAYLOAD_SIZE);
        out.writeLong(offset);
        out.writeInt((int) holeBytes);
    }

    /** Appends a BLOCK_STATUS chunk up to its extents, of which {@code extentCount} must follow (length, then flags). */
    public static void writeStatusPrefix(ByteBuf out, int flags, long cookie, int contextId, int extentCount) {
        int payloadBytes = Integer.BYTES + extentCount * EXTENT_SIZE;
        writeHeader(out, flags, ChunkType.BLOCK_STATUS, cookie, payloadBytes);
        out.writeInt(contextId);
    }

    /** Appends a whole ERROR chunk that ends its reply; a message longer than the protocol allows is cut. */
    public static void writeError(ByteBuf out, long cookie, NbdError error, String message) {
        byte[] text = message.getBytes(StandardCharsets.UTF_8);
        int textBytes = Math.min(text.length, NbdLimits.MAX_STRING_BYTES);
        writeHeader(out, ChunkType.FLAG_DONE, ChunkType.ERROR, cookie, ERROR_PAYLOAD_SIZE + textBytes);
        out.writeInt(error.code());
        out.writeShort(textBytes);
        out.writeBytes(text, 0, textBytes);
    }

    /** Whether a chunk begins at {@code index}. */
    public static boolean hasMagic(ByteBuf in, int index) {
        return in.getInt(index) == NbdMagic.STRUCTURED_REPLY;
    }

    /** The flags; the only one defined is {@link ChunkType#FLAG_DONE}. */
    public static int flags(ByteBuf in, int index) {
        return in.getUnsignedShort(index + FLAGS);
    }

    /** {@link ChunkType}. */
    public static int type(ByteBuf in, int index) {
        return in.getUnsignedShort(index + TYPE);
    }

    /** The cookie of the request that is answered. */
    public static long cookie(ByteBuf in, int index) {
        return in.getLong(index + COOKIE);
    }

    /** Payload bytes that follow the header, 0 to 2^32 - 1. */
    public static long payloadBytes(ByteBuf in, int index) {
        return in.getUnsignedInt(index + LENGTH);
    }
}
