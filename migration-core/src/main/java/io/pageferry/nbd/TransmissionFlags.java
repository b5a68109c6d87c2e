package io.pageferry.nbd;

import java.util.StringJoiner;

/**
 * What an export can do, as the server announces it when the handshake ends (proto.md, "Transmission flags").
 *
 * @param bits the 16 bits as sent; unknown ones are kept and ignored
 */
public record TransmissionFlags(int bits) {
    /** {@code NBD_FLAG_HAS_FLAGS}: always set. */
    public static final int HAS_FLAGS = 1;
    /** {@code NBD_FLAG_READ_ONLY}: writes fail with EPERM. */
    public static final int READ_ONLY = 1 << 1;
    /** {@code NBD_FLAG_SEND_FLUSH}. */
    public static final int SEND_FLUSH = 1 << 2;
    /** {@code NBD_FLAG_SEND_FUA}. */
    public static final int SEND_FUA = 1 << 3;
    /** {@code NBD_FLAG_ROTATIONAL}. */
    public static final int ROTATIONAL = 1 << 4;
    /** {@code NBD_FLAG_SEND_TRIM}. */
    public static final int SEND_TRIM = 1 << 5;
    /** {@code NBD_FLAG_SEND_WRITE_ZEROES}. */
    public static final int SEND_WRITE_ZEROES = 1 << 6;
    /** {@code NBD_FLAG_SEND_DF}: only where structured replies were negotiated. */
    public static final int SEND_DF = 1 << 7;
    /** {@code NBD_FLAG_CAN_MULTI_CONN}: FLUSH and FUA on one connection cover what was answered on the others. */
    public static final int CAN_MULTI_CONN = 1 << 8;
    /** {@code NBD_FLAG_SEND_CACHE}. */
    public static final int SEND_CACHE = 1 << 10;
    /** {@code NBD_FLAG_SEND_FAST_ZERO}. */
    public static final int SEND_FAST_ZERO = 1 << 11;

    private static final String[] NAMES = {
        "has_flags",
        "read_only",
        "flush",
        "fua",
        "rotational",
        "trim",
        "write_zeroes",
        "df",
        "multi_conn",
        "resize",
        "cache",
        "fast_zero"
    };

    /** Whether all bits of {@code flags} are set. */
    public boolean has(int flags) {
        return (bits & flags) == flags;
    }

    /** The names of the bits that are set, for logs. */
    @Override
    public String toString() {
        StringJoiner names = new StringJoiner("|");
        for (int bit = 0; bit < Short.SIZE; bit++) {
            if ((bits & 1 << bit) != 0) {
                names.add(bit < NAMES.length ? NAMES[bit] : "bit" + bit);
            }
        }
        return names.toString();
    }
}
