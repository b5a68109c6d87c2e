package io.pageferry.nbd;

import io.netty.buffer.ByteBuf;

/** The 16 bytes an option begins with (proto.md, "Newstyle negotiation"): magic (64 bits), option (32), data length (32). */
public final class OptionHeader {
    /** Bytes of the header. */
    public static final int SIZE = 16;

    private static final int OPTION = 8;
    private static final int LENGTH = 12;

    private OptionHeader() {}

    /** Appends a header, which {@code dataBytes} of data must follow. */
    public static void write(ByteBuf out, NbdOption option, int dataBytes) {
        out.writeLong(NbdMagic.I_HAVE_OPT);
        out.writeInt(option.code());
        out.writeInt(dataBytes);
    }

    /** Whether an option begins at {@code index}. */
    public static boolean hasMagic(ByteBuf in, int index) {
        return in.getLong(index) == NbdMagic.I_HAVE_OPT;
    }

    /** The code of an {@link NbdOption}, or an unknown number. */
    public static int option(ByteBuf in, int index) {
        return in.getInt(index + OPTION);
    }

    /** Bytes of data that follow the header, 0 to 2^32 - 1. */
    public static long dataBytes(ByteBuf in, int index) {
        return in.getUnsignedInt(index + LENGTH);
    }
}
