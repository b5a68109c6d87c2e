package io.pageferry.manifest;

/** What a paging space holds of a page: the low bits of its byte in the state plane. */
public enum PageState {
    /** The page holds nothing: it was never written, or given back. */
    HOLE(0),
    /** The page's content is in the space, with the CRC32C in the checksum plane. */
    DATA(1),
    /** The page is all zeroes; its content is not in the space. */
    ZERO(2);

    /** The bit of the state plane that says the program has declared the page read-only. */
    static final int READ_ONLY_BIT = 0x10;

    /**
     * The bit that says the program has written the page since it went out: what the space holds may not match the checksum, until
     * it has gone out again.
     */
    static final int UNSETTLED_BIT = 0x20;

    static final int STATE_MASK = 0x0f;

    private static final PageState[] VALUES = values();

    private final int code;

    PageState(int code) {
        this.code = code;
    }

    /** The value in the state plane. */
    int code() {
        return code;
    }

    static PageState ofByte(byte value) {
        int state = value & STATE_MASK;
        if (state >= VALUES.length) throw new ManifestException("the state plane holds an unknown state, " + state);
        return VALUES[state];
    }
}
