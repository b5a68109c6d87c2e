package io.pageferry.nbd;

/** The names of the metadata contexts that the paging server offers (proto.md, "Metadata querying"). */
public final class MetaContexts {
    /** Which extents are allocated, and which are zero: {@link ExtentFlags#HOLE}, {@link ExtentFlags#ZERO}. */
    public static final String BASE_ALLOCATION = "base:allocation";
    /**
     * Our own: which extents were written or discarded since this connection last asked about them
     * ({@link ExtentFlags#CHANGED}, {@link ExtentFlags#NOW_HOLE}). Before the first question everything that was ever
     * written counts as changed.
     */
    public static final String WRITTEN_SINCE = "pageferry:written-since";

    private MetaContexts() {}
}
