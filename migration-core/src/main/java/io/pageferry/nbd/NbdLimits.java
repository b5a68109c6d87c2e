package io.pageferry.nbd;

/** Sizes that the protocol fixes or recommends, in bytes unless said otherwise. */
public final class NbdLimits {
    /** The TCP port registered for NBD (proto.md, "Newstyle negotiation"). */
    public static final int DEFAULT_PORT = 10809;
    /** A string (export name, message, query) must not be longer (proto.md, "Conventions"). */
    public static final int MAX_STRING_BYTES = 4096;
    /** The payload that every peer should accept (proto.md, "Size constraints"): 2^25. */
    public static final int DEFAULT_MAX_PAYLOAD_BYTES = 1 << 25;
    /** The largest minimum block size that a server may announce (proto.md, "Size constraints"). */
    public static final int LARGEST_MINIMUM_BLOCK_BYTES = 1 << 16;
    /** A count: the most extents of one block status chunk (proto.md, {@code NBD_REPLY_TYPE_BLOCK_STATUS}). */
    public static final int MAX_EXTENTS_PER_CHUNK = 1 << 20;
    /** The reserved zeroes after the reply to EXPORT_NAME, unless both sides agreed on NO_ZEROES. */
    public static final int EXPORT_NAME_PADDING_BYTES = 124;

    private NbdLimits() {}
}
