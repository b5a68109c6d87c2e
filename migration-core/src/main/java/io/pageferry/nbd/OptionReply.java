package io.pageferry.nbd;

import org.jspecify.annotations.Nullable;

/** How a server answers an option (proto.md, "Option reply types"). */
public enum OptionReply {
    /** Accepted, or the end of a list. */
    ACK(1),
    /** One export of a list. */
    SERVER(2),
    /** One {@link InfoType} of INFO or GO. */
    INFO(3),
    /** One metadata context. */
    META_CONTEXT(4),
    /** The server does not know the option. */
    ERR_UNSUP(error(1)),
    /** The server's policy forbids it. */
    ERR_POLICY(error(2)),
    /** Malformed, or not allowed now. */
    ERR_INVALID(error(3)),
    /** Not on this platform. */
    ERR_PLATFORM(error(4)),
    /** Only after STARTTLS. */
    ERR_TLS_REQD(error(5)),
    /** No such export. */
    ERR_UNKNOWN(error(6)),
    /** The server is going down. */
    ERR_SHUTDOWN(error(7)),
    /** The client must ask for the block sizes first. */
    ERR_BLOCK_SIZE_REQD(error(8)),
    /** Request or reply is too large. */
    ERR_TOO_BIG(error(9)),
    /** Of an experimental extension. */
    ERR_EXT_HEADER_REQD(error(10));

    private static final int ERROR_BIT = 1 << 31;

    private final int code;

    OptionReply(int code) {
        this.code = code;
    }

    private static int error(int number) {
        return ERROR_BIT | number;
    }

    /** The number in the reply type field. */
    public int code() {
        return code;
    }

    /** Whether the reply is an error (bit 31), also for numbers that are unknown. */
    public static boolean isError(int code) {
        return code < 0;
    }

    /** The reply of this number, or null where it is unknown. */
    public static @Nullable OptionReply of(int code) {
        for (OptionReply reply : values()) {
            if (reply.code == code) {
                return reply;
            }
        }
        return null;
    }

    /** A name for logs and messages, also of unknown numbers. */
    public static String nameOf(int code) {
        OptionReply reply = of(code);
        return reply == null ? "reply 0x" + Integer.toHexString(code) : "NBD_REP_" + reply;
    }
}
