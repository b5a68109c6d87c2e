package io.pageferry.nbd;

/** The commands of the transmission phase (proto.md, "Request types"): 16 bits, unknown ones are answered with EINVAL. */
public final class CommandType {
    /** {@code NBD_CMD_READ}. */
    public static final int READ = 0;
    /** {@code NBD_CMD_WRITE}: the only one whose request has a payload. */
    public static final int WRITE = 1;
    /** {@code NBD_CMD_DISC}: the last request of a connection, without a reply. */
    public static final int DISC = 2;
    /** {@code NBD_CMD_FLUSH}: what was answered before it is durable when it is answered. */
    public static final int FLUSH = 3;
    /** {@code NBD_CMD_TRIM}: the content is not needed any more. */
    public static final int TRIM = 4;
    /** {@code NBD_CMD_CACHE}: the content will be needed soon. */
    public static final int CACHE = 5;
    /** {@code NBD_CMD_WRITE_ZEROES}. */
    public static final int WRITE_ZEROES = 6;
    /** {@code NBD_CMD_BLOCK_STATUS}: extents of the metadata contexts that were selected. */
    public static final int BLOCK_STATUS = 7;

    private static final String[] NAMES = {
        "READ", "WRITE", "DISC", "FLUSH", "TRIM", "CACHE", "WRITE_ZEROES", "BLOCK_STATUS"
    };

    private CommandType() {}

    /** A name for logs and messages, also of unknown numbers. */
    public static String nameOf(int type) {
        return type >= 0 && type < NAMES.length ? "NBD_CMD_" + NAMES[type] : "command " + type;
    }
}
