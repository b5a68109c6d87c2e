package io.pageferry.direct;

/** Sizes and limits of the direct path's protocol, version 2. All numbers on the wire are little-endian. */
public final class DirectLimits {
    /** "PGDP" in ASCII, as the first four bytes of an {@link DirectRequest#OPEN}. */
    public static final int MAGIC = 0x50444750;

    public static final int VERSION = 2;
    /** A frame's header: length of the payload in bytes (4), type (2), status (2). */
    public static final int HEADER_BYTES = 8;
    /** The longest payload: one frame carries {@link #MAX_RANGES} ranges. */
    public static final int MAX_PAYLOAD_BYTES = 64 << 10;
    /** A range on the wire: offset (8), length (8), both in bytes. */
    public static final int RANGE_BYTES = 16;

    public static final int MAX_RANGES = MAX_PAYLOAD_BYTES / RANGE_BYTES;
    /** The longest name of a space, and the longest lease token, in bytes. */
    public static final int MAX_TEXT_BYTES = 512;
    /** Offsets and lengths are multiples of it; only the space's last range may be shorter. */
    public static final int PAGE_BYTES = 4096;

    private DirectLimits() {}
}
