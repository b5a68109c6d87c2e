package io.pageferry.nbd;

import io.netty.buffer.ByteBuf;

/**
 * The 20 bytes an option's reply begins with (proto.md, "Fixed newstyle negotiation"): magic (64 bits), the option as it
 * was sent (32), reply type (32), data length (32).
 */
public final class OptionReplyHeader {
    /** Bytes of the header. */
    public static final int SIZE = 20;

    private static final int OPTION = 8;
    private static final int TYPE = 12;
    private static final int LENGTH = 16;

    private OptionReplyHeader() {}

    /** Appends a header, which {@code dataBytes} of data must follow; {@code option} is repeated as the client sent it. */
    public static void write(ByteBuf out, int option, OptionReply type, int dataBytes) {
        out.writeLong(NbdMagic.OPTION_REPLY);
        out.writeInt(option);
        out.writeInt(type.code());
        out.writeInt(dataBytes);
    }

    /** Whether a reply begins at {@code index}. */
    public static boolean hasMagic(ByteBuf in, int index) {
        return in.getLong(index) == NbdMagic.OPTION_REPLY;
    }

    /** The option that is answered. */
    public static int option(ByteBuf in, int index) {
        return in.getInt(index + OPTION);
    }

    /** The code of an {@link OptionReply}, or an unknown number. */
    public static int type(ByteBuf in, int index) {
        return in.getInt(index + TYPE);
    }

    /** Bytes of data that follow the header, 0 to 2^32 - 1. */
    public static long dataBytes(ByteBuf in, int index) {
        return in.getUnsignedInt(index + LENGTH);
    }
}
