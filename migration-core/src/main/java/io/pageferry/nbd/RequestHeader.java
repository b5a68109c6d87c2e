package io.pageferry.nbd;

import io.netty.buffer.ByteBuf;

/**
 * The 28 bytes every request begins with (proto.md, "Request message"): magic (32 bits), command flags (16), type (16),
 * cookie (64), offset (64), length (32). The accessors read at an absolute index and move nothing.
 */
public final class RequestHeader {
    /** Bytes of the header. */
    public static final int SIZE = 28;

    private static final int FLAGS = 4;
    private static final int TYPE = 6;
    private static final int COOKIE = 8;
    private static final int OFFSET = 16;
    private static final int LENGTH = 24;

    private RequestHeader() {}

    /** Appends a header; {@code lengthBytes} is sent as unsigned 32 bits. */
    public static void write(ByteBuf out, int flags, int type, long cookie, long offset, long lengthBytes) {
        out.ensureWritable(SIZE);
        out.writeInt(NbdMagic.REQUEST);
        out.writeInt(flags << Short.SIZE | type);
        out.writeLong(cookie);
        out.writeLong(offset);
        out.writeInt((int) lengthBytes);
    }

    /** Whether a request begins at {@code index}. */
    public static boolean hasMagic(ByteBuf in, int index) {
        return in.getInt(index) == NbdMagic.REQUEST;
    }

    /** {@link CommandFlags}. */
    public static int flags(ByteBuf in, int index) {
        return in.getUnsignedShort(index + FLAGS);
    }

    /** {@link CommandType}. */
    public static int type(ByteBuf in, int index) {
        return in.getUnsignedShort(index + TYPE);
    }

    /** What the client knows the request by: opaque to the server. */
    public static long cookie(ByteBuf in, int index) {
        return in.getLong(index + COOKIE);
    }

    /** The first byte of the export concerned: unsigned, so that a negative value is beyond every export. */
    public static long offset(ByteBuf in, int index) {
        return in.getLong(index + OFFSET);
    }

    /** How many bytes are concerned, 0 to 2^32 - 1. */
    public static long lengthBytes(ByteBuf in, int index) {
        return in.getUnsignedInt(index + LENGTH);
    }
}
