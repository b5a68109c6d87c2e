package io.pageferry.examples.kv.resp;

/** What one client may send and get. */
public final class RespLimits {
    /** The longest argument, in bytes. */
    public static final int MAX_BULK_BYTES = 1 << 20;
    /** The most arguments of a command. */
    public static final int MAX_ARGUMENTS = 1 << 20;
    /** The largest command, in bytes as sent. */
    public static final int MAX_REQUEST_BYTES = 64 << 20;
    /** The largest reply, in bytes. */
    public static final int MAX_REPLY_BYTES = 64 << 20;
    /** The longest inline command, in bytes. */
    public static final int MAX_INLINE_BYTES = 64 << 10;

    private RespLimits() {}
}
