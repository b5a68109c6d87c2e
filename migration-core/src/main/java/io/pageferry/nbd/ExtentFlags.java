package io.pageferry.nbd;

/** The flags of an extent, whose meaning depends on the {@linkplain MetaContexts metadata context}. */
public final class ExtentFlags {
    /** {@code NBD_STATE_HOLE} of {@code base:allocation} (proto.md): not allocated. */
    public static final int HOLE = 1;
    /** {@code NBD_STATE_ZERO} of {@code base:allocation} (proto.md): reads as zeroes. */
    public static final int ZERO = 1 << 1;

    /** Of {@code pageferry:written-since}: the extent changed since this connection last asked about it. */
    public static final int CHANGED = 1;
    /** Of {@code pageferry:written-since}: the extent is a hole now (never written, or discarded). */
    public static final int NOW_HOLE = 1 << 1;

    private ExtentFlags() {}
}
