package io.pageferry.nbd;

/** What a structured reply chunk carries (proto.md, "Structured reply types"). */
public final class ChunkType {
    /** {@code NBD_REPLY_TYPE_NONE}: nothing; only as the last chunk. */
    public static final int NONE = 0;
    /** {@code NBD_REPLY_TYPE_OFFSET_DATA}: offset (64 bits), then data. */
    public static final int OFFSET_DATA = 1;
    /** {@code NBD_REPLY_TYPE_OFFSET_HOLE}: offset (64 bits), then the number of zero bytes (32 bits). */
    public static final int OFFSET_HOLE = 2;
    /** {@code NBD_REPLY_TYPE_BLOCK_STATUS}: context id (32 bits), then extents (length and {@link ExtentFlags}, 32 bits each). */
    public static final int BLOCK_STATUS = 5;
    /** {@code NBD_REPLY_TYPE_ERROR}: error (32 bits), message length (16 bits), message. */
    public static final int ERROR = (1 << 15) + 1;
    /** {@code NBD_REPLY_TYPE_ERROR_OFFSET}: as {@link #ERROR}, then the offset of the error (64 bits). */
    public static final int ERROR_OFFSET = (1 << 15) + 2;

    /** {@code NBD_REPLY_FLAG_DONE}: the last chunk of a reply (a flag of the chunk, not a type). */
    public static final int FLAG_DONE = 1;

    private ChunkType() {}

    /** Whether the type is an error (bit 15), also for numbers that are unknown. */
    public static boolean isError(int type) {
        return (type & 1 << 15) != 0;
    }
}
