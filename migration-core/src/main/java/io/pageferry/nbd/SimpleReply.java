package io.pageferry.nbd;

import io.netty.buffer.ByteBuf;

/** The 16 bytes of a simple reply (proto.md, "Simple reply message"): magic (32 bits), error (32), cookie (64). */
public final class SimpleReply {
    /** Bytes of the reply, without the data of a READ. */
    public static final int SIZE = 16;

    private static final int ERROR = 4;
    private static final int COOKIE = 8;

    private SimpleReply() {}

    /** Appends a reply; {@code error} is 0 or the code of an {@link NbdError}. */
    public static void write(ByteBuf out, int error, long cookie) {
        out.ensureWritable(SIZE);
        out.writeInt(NbdMagic.SIMPLE_REPLY);
        out.writeInt(error);
        out.writeLong(cookie);
    }

    /** Whether a simple reply begins at {@code index}. */
    public static boolean hasMagic(ByteBuf in, int index) {
        return in.getInt(index) == NbdMagic.SIMPLE_REPLY;
    }

    /** 0, or the code of an {@link NbdError}. */
    public static int error(ByteBuf in, int index) {
        return in.getInt(index + ERROR);
    }

    /** The cookie of the request that is answered. */
    public static long cookie(ByteBuf in, int index) {
        return in.getLong(index + COOKIE);
    }
}
