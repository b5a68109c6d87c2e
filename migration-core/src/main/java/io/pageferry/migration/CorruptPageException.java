package io.pageferry.migration;

/** What the space holds of a page does not match the manifest's CRC32C; it was not used. */
public final class CorruptPageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final long pageIndex;

    public CorruptPageException(long pageIndex) {
        super("page " + pageIndex + " in the paging space does not match its CRC32C in the manifest");
        this.pageIndex = pageIndex;
    }

    public long pageIndex() {
        return pageIndex;
    }
}
