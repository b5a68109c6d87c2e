package io.pageferry.nbd;

/** What an INFO reply describes (proto.md, {@code NBD_REP_INFO}): the 16 bits its payload begins with. */
public final class InfoType {
    /** Size (64 bits) and {@link TransmissionFlags} (16 bits); always sent. */
    public static final int EXPORT = 0;
    /** The canonical name: a string to the end of the payload. */
    public static final int NAME = 1;
    /** A description for people: a string to the end of the payload. */
    public static final int DESCRIPTION = 2;
    /** {@link BlockSizes}: three times 32 bits. */
    public static final int BLOCK_SIZE = 3;

    /** Payload bytes of {@link #EXPORT}, with the type. */
    public static final int EXPORT_BYTES = 12;
    /** Payload bytes of {@link #BLOCK_SIZE}, with the type. */
    public static final int BLOCK_SIZE_BYTES = 14;

    private InfoType() {}
}
