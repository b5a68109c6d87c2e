package io.pageferry.nbd;

/**
 * The flags exchanged before the first option (proto.md, "Handshake flags" and "Client flags"): 16 bits from the server,
 * answered by 32 bits from the client with the same meanings. A client must not set a bit that the server did not.
 */
public final class HandshakeFlags {
    /** {@code NBD_FLAG_FIXED_NEWSTYLE}, {@code NBD_FLAG_C_FIXED_NEWSTYLE}: options other than EXPORT_NAME may be sent. */
    public static final int FIXED_NEWSTYLE = 1;
    /** {@code NBD_FLAG_NO_ZEROES}, {@code NBD_FLAG_C_NO_ZEROES}: no 124 zeroes after the reply to EXPORT_NAME. */
    public static final int NO_ZEROES = 1 << 1;
    /** All that the specification defines. A server drops a client that sets anything else. */
    public static final int KNOWN = FIXED_NEWSTYLE | NO_ZEROES;

    private HandshakeFlags() {}
}
