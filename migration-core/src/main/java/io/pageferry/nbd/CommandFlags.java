package io.pageferry.nbd;

/** The flags of a request (proto.md, "Command flags"); one that is not documented for the command is an EINVAL. */
public final class CommandFlags {
    /** {@code NBD_CMD_FLAG_FUA}: answered when durable. Needs {@link TransmissionFlags#SEND_FUA}; any command. */
    public static final int FUA = 1;
    /** {@code NBD_CMD_FLAG_NO_HOLE}: WRITE_ZEROES must allocate. */
    public static final int NO_HOLE = 1 << 1;
    /** {@code NBD_CMD_FLAG_DF}: READ in one chunk. Needs {@link TransmissionFlags#SEND_DF}. */
    public static final int DF = 1 << 2;
    /** {@code NBD_CMD_FLAG_REQ_ONE}: BLOCK_STATUS with one extent a context. */
    public static final int REQ_ONE = 1 << 3;
    /** {@code NBD_CMD_FLAG_FAST_ZERO}: WRITE_ZEROES fast, or ENOTSUP. Needs {@link TransmissionFlags#SEND_FAST_ZERO}. */
    public static final int FAST_ZERO = 1 << 4;

    private CommandFlags() {}

    /** The flags that the specification documents for a command; 0 for unknown commands. */
    public static int validFor(int commandType) {
        return switch (commandType) {
            case CommandType.READ -> FUA | DF;
            case CommandType.WRITE_ZEROES -> FUA | NO_HOLE | FAST_ZERO;
            case CommandType.BLOCK_STATUS -> FUA | REQ_ONE;
            case CommandType.WRITE, CommandType.FLUSH, CommandType.TRIM, CommandType.CACHE -> FUA;
            default -> 0;
        };
    }
}
